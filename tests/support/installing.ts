import { join } from "node:path";
import { serving } from "./http_server.ts";
import { isInstalled } from "./needs.ts";
import { type Outcome, run, runOrThrow } from "./process.ts";
import { PROJECT } from "./program.ts";

/** Programs of packaging/install.sh. On the machines of these tests there are no others. */
const PROGRAMS = [
  ..."cat chmod cp cut dirname grep id mkdir mktemp mv rm rmdir sed sha256sum touch uname"
    .split(" "),
] as const;

/** Those that busybox does not have. */
const OTHERS = ["systemd-sysusers", "userdel"] as const;

const SYSTEM_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** Folders that the script may write to; each machine has its own. */
const OWN_FOLDERS = [
  "/etc",
  "/usr/local",
  "/usr/lib/systemd/system",
  "/var/lib",
  "/run",
  "/root",
] as const;

/** Its TMPDIR, and the home of a user other than root. */
const OPEN_FOLDERS = ["/tmp", "/home"] as const;

/** Of the real machine: who the users are, and where libraries lie. */
const ETC = ["passwd", "group", "shadow", "gshadow", "ld.so.cache"] as const;

export type Shell = "dash" | "busybox";

/** A folder with the files of a release. Every file names its version; the binary is a script. */
export class ReleaseFiles implements AsyncDisposable {
  readonly path: string;
  readonly version: string;

  private constructor(path: string, version: string) {
    this.path = path;
    this.version = version;
  }

  static async make(version: string): Promise<ReleaseFiles> {
    const path = await Deno.makeTempDir({ prefix: "diskd_release_" });
    await Deno.chmod(path, 0o755);
    const files = new ReleaseFiles(path, version);
    for (const arch of ["x86_64", "aarch64"]) {
      await files.write(
        `diskd-${version}-linux-${arch}`,
        `#!/bin/sh
case $1 in
--version) echo "diskd ${version}" ;;
completions) echo "# for $2, of ${version}" ;;
esac
`,
      );
    }
    await files.write("licences.txt", "licences\n");
    const packaging = join(PROJECT, "packaging");
    for (
      const name of [
        "diskd.service",
        "diskd-web.service",
        "diskd.sysusers",
        "man/diskd.1",
        "man/diskd.8",
        "man/diskd.yaml.5",
      ]
    ) {
      const text = await Deno.readTextFile(join(packaging, name));
      await files.write(name.replace("man/", ""), `${text}# of ${version}\n`);
    }
    await files.sum();
    return files;
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(join(this.path, name), text);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(join(this.path, name));
  }

  remove(name: string): Promise<void> {
    return Deno.remove(join(this.path, name));
  }

  /** Writes SHA256SUMS, as the release job does. */
  async sum(): Promise<void> {
    const script = 'cd "$1"; rm -f SHA256SUMS*; sha256sum -- * >../sums.$$; ' +
      "mv ../sums.$$ SHA256SUMS";
    await runOrThrow(["sh", "-euc", script, "sh", this.path], {
      env: { PATH: SYSTEM_FOLDERS.join(":") },
    });
  }

  /** Signs SHA256SUMS with a new key, and answers with the public key. */
  async sign(): Promise<string> {
    const env = { PATH: SYSTEM_FOLDERS.join(":"), HOME: this.path };
    const folder = await Deno.makeTempDir({ prefix: "diskd_key_" });
    const [secret, open] = [join(folder, "secret"), join(folder, "public")];
    await runOrThrow(["minisign", "-G", "-W", "-s", secret, "-p", open], {
      env,
    });
    const sums = join(this.path, "SHA256SUMS");
    await runOrThrow(["minisign", "-S", "-s", secret, "-m", sums], { env });
    const key = (await Deno.readTextFile(open)).trim().split("\n").at(-1)!;
    await Deno.remove(folder, { recursive: true });
    return key;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Deno.remove(this.path, { recursive: true });
  }
}

/**
 * Serves releases as GitHub does, the last of them as the latest. `change` may
 * answer otherwise for a file.
 */
export function servingReleases(
  releases: readonly ReleaseFiles[],
  change: (name: string) => Response | undefined = () => undefined,
) {
  return serving(async (request) => {
    const { pathname } = new URL(request.url);
    const [, version, name = ""] =
      /^\/releases\/(latest\/download|download\/v[^/]+)\/([^/]+)$/
        .exec(pathname) ?? [];
    const release = version === "latest/download"
      ? releases.at(-1)
      : releases.find((release) => `download/v${release.version}` === version);
    const changed = change(name);
    if (changed) return changed;
    try {
      return new Response(await Deno.readFile(join(release!.path, name)));
    } catch {
      return new Response("Not Found", { status: 404 });
    }
  });
}

interface MachineOptions {
  /** Whose `sh`, and whose programs. */
  readonly shell: Shell;
  /** Downloads with it. Default `curl` for dash, `wget` for busybox; `null`: with nothing. */
  readonly downloader?: "curl" | "wget" | null;
}

/**
 * A machine of its own as far as install.sh sees: folders that it may write to,
 * and the programs in PATH. Its systemd only notes what it is asked.
 */
export class InstallMachine implements AsyncDisposable {
  readonly #folder: string;
  readonly #shell: Shell;

  private constructor(folder: string, shell: Shell) {
    this.#folder = folder;
    this.#shell = shell;
  }

  static async make(
    { shell, downloader = shell === "dash" ? "curl" : "wget" }: MachineOptions,
  ): Promise<InstallMachine> {
    const folder = await Deno.makeTempDir({ prefix: "diskd_install_" });
    await Deno.chmod(folder, 0o755);
    const machine = new InstallMachine(folder, shell);
    for (const own of OWN_FOLDERS) {
      if (own === "/etc") continue;
      await Deno.mkdir(machine.path(own), { recursive: true });
    }
    // mount(8) would make it.
    await Deno.mkdir(machine.path("/run/mount"));
    for (const open of OPEN_FOLDERS) {
      await Deno.mkdir(machine.path(open));
      await Deno.chmod(machine.path(open), 0o1777);
    }
    await Deno.mkdir(machine.path("/etc"));
    for (const name of ETC) {
      await Deno.copyFile(`/etc/${name}`, machine.path(`/etc/${name}`));
    }
    await Deno.mkdir(machine.path("/etc/systemd/system"), { recursive: true });
    await Deno.mkdir(machine.path("/bin"));
    for (const program of [...PROGRAMS, ...OTHERS]) await machine.link(program);
    await machine.link("sh", shell);
    if (downloader) await machine.link(downloader);
    return machine;
  }

  /** Where a file of this machine really is. */
  path(file: string): string {
    return join(this.#folder, file);
  }

  read(file: string): Promise<string> {
    return Deno.readTextFile(this.path(file));
  }

  async has(file: string): Promise<boolean> {
    return await Deno.lstat(this.path(file)).then(() => true, () => false);
  }

  /** A program of this machine that is one of the real machine. */
  async link(name: string, target: string = name): Promise<void> {
    const ofBusybox = this.#shell === "busybox" &&
      ([...PROGRAMS, "sh", "wget"] as string[]).includes(name);
    const program = ofBusybox ? "busybox" : target;
    const found = SYSTEM_FOLDERS.map((folder) => `${folder}/${program}`)
      .find(isInstalled);
    if (!found) throw new Error(`${program} is not installed.`);
    await Deno.symlink(found, this.path(`/bin/${name}`));
  }

  /** A program of this machine, as a script. */
  async program(name: string, script: string): Promise<void> {
    const path = this.path(`/bin/${name}`);
    await Deno.remove(path).catch(() => {});
    await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** It is booted with systemd; `answers` is a `case` of what systemctl is asked. */
  async systemd(answers = ""): Promise<void> {
    await Deno.mkdir(this.path("/run/systemd/system"), { recursive: true });
    await Deno.writeTextFile(this.path("/run/asked"), "");
    await this.program(
      "systemctl",
      `echo "$*" >>/run/asked; case $* in ${answers} esac`,
    );
  }

  /** What systemctl was asked since the last call. */
  async asked(): Promise<string[]> {
    const text = await this.read("/run/asked");
    await Deno.writeTextFile(this.path("/run/asked"), "");
    return text.split("\n").filter((line) => line !== "");
  }

  /** Runs a script with these words. */
  async install(
    script: string,
    words: readonly string[] = [],
    { uid = 0, env = {} }: { uid?: number; env?: Record<string, string> } = {},
  ): Promise<Outcome> {
    const binds = OWN_FOLDERS
      .map((own) => `mount --bind "$folder${own}" ${own}`).join("\n");
    const inside = `folder=$1; shift
${binds}
exec setpriv --reuid ${uid} --regid ${uid} --clear-groups \\
  env -i PATH="$folder/bin:/usr/local/bin" TMPDIR="$folder/tmp" "$@"`;
    const sh = this.path("/bin/sh");
    const home = uid === 0 ? "/root" : this.path("/home");
    const variables = Object.entries({ HOME: home, ...env })
      .map(([name, value]) => `${name}=${value}`);
    return await run([
      ...["unshare", "--mount", "sh", "-euc", inside, "sh", this.#folder],
      ...[...variables, sh, "-s", "--", ...words],
    ], { env: { PATH: SYSTEM_FOLDERS.join(":") }, input: script });
  }

  /** Every file and folder, with what is in it, but for notes and backups of users. */
  async everything(): Promise<Map<string, string>> {
    const entries = new Map<string, string>();
    for (const folder of [...OWN_FOLDERS, ...OPEN_FOLDERS]) {
      await this.#list(folder, entries);
    }
    return entries;
  }

  async #list(folder: string, entries: Map<string, string>): Promise<void> {
    for await (const entry of Deno.readDir(this.path(folder))) {
      const path = join(folder, entry.name);
      if (IGNORED.test(path)) continue;
      if (entry.isDirectory) {
        entries.set(path, "folder");
        await this.#list(path, entries);
      } else if (entry.isFile) {
        const bytes = await Deno.readFile(this.path(path));
        const hash = await crypto.subtle.digest("SHA-256", bytes);
        entries.set(path, new Uint8Array(hash).toHex());
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Whoever adds a user and removes it again leaves backups and a lock. */
const IGNORED =
  /^\/run\/asked$|^\/etc\/(?:(?:passwd|shadow|group|gshadow|subuid|subgid)-?|\.pwd\.lock)$/;
