import type { Host } from "./host.ts";
import { makeSshKey, Sshd } from "./sshd.ts";

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
