import type { Host } from "./host.ts";
import type { Process } from "./process.ts";

/** Of root, on each host. */
export const SSH_FOLDER = "/run/lan/home/.ssh";
export const KNOWN_HOSTS = `${SSH_FOLDER}/known_hosts`;
export const AUTHORIZED_KEYS = `${SSH_FOLDER}/authorized_keys`;

/** `secret`, as crypt(5) has it. */
const HASH_OF_SECRET =
  "$6$lan$agEaUWPMOSfrvmCShjy2ae6QxVG8djMp4XDZjKvtrfGvEcRVhpKPbVrw/A85F7XdwB97HiU4nH8jlEn6n19G90";

/**
 * Hosts that reach each other by name with ssh: root of each is let in to all
 * by a key, and each knows the keys of all hosts.
 */
export class SshLan {
  readonly #sshds: ReadonlyMap<string, Sshd>;
  readonly #keys: ReadonlyMap<string, string>;

  private constructor(
    sshds: ReadonlyMap<string, Sshd>,
    keys: ReadonlyMap<string, string>,
  ) {
    this.#sshds = sshds;
    this.#keys = keys;
  }

  /** Every sshd lives as long as its host. */
  static async start(hosts: readonly Host[]): Promise<SshLan> {
    const sshds = new Map<string, Sshd>();
    const keys = new Map<string, string>();
    for (const host of hosts) {
      await moveHomeOfRoot(host);
      await nameAll(host, hosts);
      await Deno.mkdir(host.path(SSH_FOLDER), { mode: 0o700 });
      keys.set(host.name, await makeSshKey(host, `${SSH_FOLDER}/id_ed25519`));
      sshds.set(host.name, await Sshd.start(host));
    }
    const lan = new SshLan(sshds, keys);
    for (const host of hosts) {
      await Deno.writeTextFile(host.path(KNOWN_HOSTS), lan.knownHosts(hosts));
      const all = [...keys.values()].map((key) => `${key}\n`).join("");
      await Deno.writeTextFile(host.path(AUTHORIZED_KEYS), all);
    }
    return lan;
  }

  sshd(name: string): Sshd {
    return this.#sshds.get(name)!;
  }

  /** Public key of root on a host, a line of authorized_keys(5). */
  key(name: string): string {
    return this.#keys.get(name)!;
  }

  /** What known_hosts(5) has of these hosts, by name. */
  knownHosts(hosts: readonly Host[]): string {
    return hosts.map(({ name }) => `${name} ${this.sshd(name).hostKey}\n`)
      .join("");
  }
}

/** ssh and sshd look for it in passwd(5), and the real one is not the host's. Nor is the password, which may be locked. */
async function moveHomeOfRoot(host: Host): Promise<void> {
  const home = host.environment["HOME"];
  await replaceLine(host, "/etc/passwd", `root:x:0:0:root:${home}:/bin/sh`);
  await setHash(host, "*");
}

/** From now on `secret` is the password of root. */
export async function setPassword(host: Host): Promise<void> {
  await setHash(host, HASH_OF_SECRET);
}

/** As shadow(5) has it; `*` is no password. */
async function setHash(host: Host, hash: string): Promise<void> {
  await replaceLine(host, "/etc/shadow", `root:${hash}:20000:0:99999:7:::`);
}

async function replaceLine(
  host: Host,
  path: string,
  line: string,
): Promise<void> {
  const file = host.path(path);
  const text = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, text.replace(/^root:.*$/m, () => line));
}

async function nameAll(host: Host, hosts: readonly Host[]): Promise<void> {
  const lines = hosts.map(({ name, address }) => `${address} ${name}\n`);
  const text = ["127.0.0.1 localhost\n", ...lines].join("");
  await Deno.writeTextFile(host.path("/etc/hosts"), text);
  // Nobody answers for other names, and to wait for that takes seconds.
  const file = host.path("/etc/nsswitch.conf");
  await Deno.writeTextFile(
    file,
    "passwd: files\nshadow: files\nhosts: files\n",
  );
}

/** Where Debian and what derives from it have them. */
export const SSHD = "/usr/sbin/sshd";
export const SFTP_SERVER = "/usr/lib/openssh/sftp-server";

const FOLDER = "/run/lan/sshd";
const CONFIG = `${FOLDER}/sshd_config`;
const HOST_KEY = `${FOLDER}/host_key`;

/** sshd(8) on one host of the LAN in a box, on port 22 of its own network. */
export class Sshd implements AsyncDisposable {
  readonly #process: Process;
  /** As in known_hosts(5). */
  readonly hostKey: string;

  private constructor(process: Process, hostKey: string) {
    this.#process = process;
    this.hostKey = hostKey;
  }

  /** Starts one, with a host key that was made just now. */
  static async start(host: Host): Promise<Sshd> {
    await Deno.mkdir(host.path(FOLDER), { recursive: true });
    // Its child that nobody is logged in to has this as its root directory.
    await Deno.mkdir(host.path("/run/sshd"), { recursive: true });
    const hostKey = await makeSshKey(host, HOST_KEY);
    await Deno.writeTextFile(host.path(CONFIG), await configOf(host));
    const process = host.spawn([SSHD, "-D", "-e", "-f", CONFIG]);
    await process.waitForLog(/^Server listening on 0\.0\.0\.0 /m);
    return new Sshd(process, hostKey);
  }

  /** What it wrote: why it let somebody in, or not. */
  get log(): string {
    return this.#process.log;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** Makes a key with no password, and gives its public half, as in authorized_keys(5). */
export async function makeSshKey(host: Host, path: string): Promise<string> {
  const argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path];
  const { code, stderr } = await host.run([...argv, "-C", host.name]);
  if (code !== 0) throw new Error(`Cannot make ${path}: ${stderr}`);
  const text = await Deno.readTextFile(host.path(`${path}.pub`));
  return text.trim();
}

async function configOf(host: Host): Promise<string> {
  const environment = Object.entries(host.environment)
    .filter(([name]) => name !== "HOME")
    .map(([name, value]) => `"${name}=${value}"`);
  return [
    "ListenAddress 0.0.0.0",
    // Where there is IPv6; else it goes on without.
    "ListenAddress ::",
    `HostKey ${HOST_KEY}`,
    `PidFile ${FOLDER}/pid`,
    "UsePAM no",
    "UseDNS no",
    "PermitRootLogin yes",
    // Folders above the homes may belong to somebody else in a test.
    "StrictModes no",
    `Subsystem sftp ${SFTP_SERVER}`,
    ...await withoutPenalties(host),
    // Else it finds no `diskd`.
    `SetEnv ${environment.join(" ")}`,
    "",
  ].join("\n");
}

/** From OpenSSH 9.8 on, who fails a few times is not heard for a while. */
async function withoutPenalties(host: Host): Promise<string[]> {
  const line = "PerSourcePenalties no";
  const option = ["-o", line.replace(" ", "=")];
  const argv = [SSHD, "-t", "-f", "/dev/null", "-h", HOST_KEY, ...option];
  const { code } = await host.run(argv);
  return code === 0 ? [line] : [];
}
