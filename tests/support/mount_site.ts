import assert from "node:assert/strict";
import { checkOutcome, type ExpectedOutcome } from "./check_outcome.ts";
import type { Daemon } from "./daemon.ts";
import { eventually } from "./eventually.ts";
import { asRoot, type Host, type RunOptions } from "./host.ts";
import { configure } from "./keys.ts";
import { type LoopDisk, writeOnto } from "./loop_disk.ts";
import { type Needs, needs } from "./needs.ts";
import { ReplacedPrograms } from "./replaced_programs.ts";
import { Site, type SiteOptions } from "./site.ts";
import { SFTP_SERVER, SSHD, SshLan } from "./ssh_lan.ts";

/** Programs that a test on such a site cannot do without. */
const PROGRAMS = [
  SSHD,
  SFTP_SERVER,
  "ssh",
  "ssh-keygen",
  "sshfs",
  "fusermount3",
];

/** Whoever may log in may have every disk mounted. */
export const ALLOW_ALL = 'mount: {allow: ["*"]}\n';

/** Where diskd makes directories for disks. */
const OUR_FOLDERS = ["/run/media/diskd", "/run/diskd-open"];

export interface MountSiteOptions {
  /** Default: alpha and beta. */
  readonly hosts?: SiteOptions["hosts"];
  /** Configuration of each host. Default: whoever may log in may have every disk mounted. */
  readonly config?: string;
  /** Options of each daemon. */
  readonly args?: SiteOptions["args"];
  /** Called before the daemons start. */
  readonly prepare?: (site: Site) => Promise<void>;
}

/**
 * Hosts whose root reaches all others with ssh. On each there is a daemon that
 * announces every second, and a swap partition labelled as the host is named.
 */
export class MountSite implements AsyncDisposable {
  readonly #site: Site;
  readonly #programs = new Map<string, ReplacedPrograms>();
  readonly ssh: SshLan;

  private constructor(site: Site, ssh: SshLan) {
    this.#site = site;
    this.ssh = ssh;
  }

  static async start(options: MountSiteOptions): Promise<MountSite> {
    const { hosts = ["alpha", "beta"], config = ALLOW_ALL, args } = options;
    const ssh = Promise.withResolvers<SshLan>();
    const site = await Site.start({
      hosts,
      ...args && { args },
      async prepare(site) {
        for (const host of site.lan.hosts) {
          await prepareMounting(host);
          await configure(host, config);
        }
        ssh.resolve(await SshLan.start(site.lan.hosts));
        await options.prepare?.(site);
      },
    });
    await site.agree();
    return new MountSite(site, await ssh.promise);
  }

  host(name: string): Host {
    return this.#site.host(name);
  }

  daemon(name: string): Daemon {
    return this.#site.daemon(name);
  }

  /** Its daemons and cables. */
  get site(): Site {
    return this.#site;
  }

  /** Programs of a host, to be taken away or replaced. */
  programs(name: string): ReplacedPrograms {
    const known = this.#programs.get(name);
    const programs = known ?? new ReplacedPrograms(this.host(name));
    this.#programs.set(name, programs);
    return programs;
  }

  /** Makes an ext4 with a file `hello`, plugs it in, and waits until everybody knows it. */
  async plug(name: string, label: string): Promise<LoopDisk> {
    const disk = await this.host(name).disk({ type: "ext4", label });
    await writeOnto(disk, { name: "hello", text: `from ${name}\n` });
    await this.host(name).attach(disk);
    await this.isKnown(name, disk);
    return disk;
  }

  /** Waits until everybody knows that a disk is attached to a host. */
  async isKnown(name: string, disk: LoopDisk): Promise<void> {
    await this.#isSeen(disk, { name, attached: true });
  }

  /** Pulls a disk out, and waits until everybody knows it. */
  async pull(name: string, disk: LoopDisk): Promise<void> {
    await this.host(name).detach(disk);
    await this.#isSeen(disk, { name, attached: false });
  }

  /** Runs `diskd` on a host and compares how it ended; gives what it printed. */
  async check(
    name: string,
    words: string | readonly string[],
    expected: ExpectedOutcome & RunOptions = {},
  ): Promise<string> {
    const argv = typeof words === "string" ? words.split(" ") : words;
    const outcome = await this.host(name).run(["diskd", ...argv], expected);
    checkOutcome(outcome, expected, `diskd ${argv.join(" ")} on ${name}`);
    return outcome.stdout;
  }

  /** The same, and no mount may have come or gone on any host. */
  async refuses(
    name: string,
    words: string | readonly string[],
    expected: ExpectedOutcome & RunOptions & { readonly code: number },
  ): Promise<void> {
    const before = await this.mounts();
    await this.check(name, words, expected);
    await this.hasMounts(before);
  }

  /**
   * Disks, and directories of other hosts, that are mounted anywhere, as
   * `alpha:/run/media/diskd/backup`; directories that were left behind have
   * ` left` behind them.
   */
  async mounts(): Promise<string[]> {
    const all: string[] = [];
    for (const host of this.#site.lan.hosts) {
      const targets = (await mountsOn(host)).map(({ target }) => target);
      const left = foldersOf(host)
        .filter((folder) => !targets.includes(folder))
        .map((folder) => `${folder} left`);
      all.push(...[...targets, ...left].map((path) => `${host.name}:${path}`));
    }
    return all.sort();
  }

  async hasMounts(expected: readonly string[]): Promise<void> {
    assert.deepEqual(await this.mounts(), expected);
  }

  /** The same, after a while. */
  async becomes(expected: readonly string[]): Promise<void> {
    await eventually(() => this.hasMounts(expected));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site[Symbol.asyncDispose]();
  }

  async #isSeen(
    { device, uuid }: LoopDisk,
    { name, attached }: { readonly name: string; readonly attached: boolean },
  ): Promise<void> {
    await this.daemon(name).call("refresh", {});
    for (const other of this.#site.names) {
      await eventually(async () => {
        const rows = await this.daemon(other).call("list", {});
        const found = rows.some((row) =>
          row.host === name && row.device === device &&
          (uuid === null || row.uuid === uuid) && row.state === "attached"
        );
        assert.equal(found, attached, `${other} sees ${device} of ${name}`);
      });
    }
  }
}

/** Such a site with a disk of alpha that the tests are about. */
export interface Plugged {
  readonly site: MountSite;
  /** Has the disk. */
  readonly alpha: Host;
  readonly beta: Host;
  readonly disk: LoopDisk;
}

/** Plugs a disk with this label into alpha. */
export async function plugged(
  site: MountSite,
  label: string,
): Promise<Plugged> {
  const disk = await site.plug("alpha", label);
  return { site, alpha: site.host("alpha"), beta: site.host("beta"), disk };
}

export interface MountTestOptions
  extends MountSiteOptions, Pick<Needs, "programs"> {
  readonly name: string;
}

/** A test with such a site of its own. */
export function mountTest(
  options: MountTestOptions,
  run: (site: MountSite, t: Deno.TestContext) => Promise<void>,
): void {
  const programs = [...PROGRAMS, ...options.programs ?? []];
  Deno.test({
    ...needs(options.name, { lan: true, programs }),
    async fn(t) {
      await using site = await MountSite.start(options);
      await run(site, t);
    },
  });
}

function foldersOf(host: Host): string[] {
  return OUR_FOLDERS.flatMap((folder) => {
    try {
      return [...Deno.readDirSync(host.path(folder))]
        .map(({ name }) => `${folder}/${name}`);
    } catch {
      return []; // Nothing was mounted there yet.
    }
  });
}

/** Where disks are mounted by hand; the machine's own are not touched. */
const FOLDERS = ["/mnt", "/media", "/srv"];

/** Gives a host folders of its own to mount disks in, and what FUSE needs. */
export async function prepareMounting(host: Host): Promise<void> {
  const commands = FOLDERS.map((folder) =>
    `mount -t tmpfs -o mode=755 tmpfs ${folder}`
  );
  commands.push("mknod -m 666 /dev/fuse c 10 229");
  await asRoot(host, commands.join(" && "));
}

/** A mount of a host, by where it is and what is there. */
export interface MountedThing {
  readonly target: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Disks, and directories of other hosts, that are mounted on a host, in the order in which they were. */
export async function mountsOn(host: Host): Promise<MountedThing[]> {
  const table = await Deno.readTextFile(`/proc/${host.pid}/mountinfo`);
  return table.trim().split("\n").map(readLine).filter(isOurs);
}

/** proc_pid_mountinfo(5). */
function readLine(line: string): MountedThing {
  const [own = "", filesystem = ""] = line.split(" - ");
  const [, , , , target = "", options = ""] = own.split(" ");
  const [type = "", source = "", more = ""] = filesystem.split(" ");
  return {
    target: unescaped(target),
    source: unescaped(source),
    type,
    options: `${options},${more}`.split(","),
  };
}

/** Spaces and the like are in octal. */
function unescaped(text: string): string {
  return text.replace(
    /\\([0-7]{3})/g,
    (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Else it is one that the machine itself has. */
function isOurs({ target, source, type }: MountedThing): boolean {
  return [...FOLDERS, "/run", "/tmp"].some((folder) =>
    target.startsWith(`${folder}/`)
  ) && (source.startsWith("/dev/loop") || type === "fuse.sshfs");
}
