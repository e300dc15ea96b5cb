import { asRoot } from "./as_root.ts";
import { checkOutcome, type ExpectedOutcome } from "./check_outcome.ts";
import type { Host } from "./host.ts";
import { makeSshKey } from "./sshd.ts";
import { User } from "./user.ts";

/** A user that the host knows by name, as somebody who has logged in. */
export class Login {
  readonly #host: Host;
  readonly user: User;
  readonly name: string;

  private constructor(host: Host, user: User, name: string) {
    this.#host = host;
    this.user = user;
    this.name = name;
  }

  static async create(
    host: Host,
    { name, uid }: { readonly name: string; readonly uid: number },
  ): Promise<Login> {
    const user = await User.create(host, { uid });
    await asRoot(
      host,
      `echo ${name}:x:${uid}:${uid}::${user.home}:/bin/sh >>/etc/passwd && ` +
        `echo '${name}:*:20000:0:99999:7:::' >>/etc/shadow`,
    );
    return new Login(host, user, name);
  }

  /** Runs `diskd`, compares how it ended, and gives what it printed. */
  async check(
    words: string,
    expected: ExpectedOutcome = {},
  ): Promise<string> {
    const env = { USER: this.name, LOGNAME: this.name };
    const argv = ["diskd", ...words.split(" ")];
    const outcome = await this.user.run(argv, { env });
    checkOutcome(outcome, expected, `diskd ${words} of ${this.name}`);
    return outcome.stdout;
  }

  /** Gives the user a key and what known_hosts(5) should have, and tells the public half of the key. */
  async prepareSsh(knownHosts: string): Promise<string> {
    const { home, uid } = this.user;
    const folder = `${home}/.ssh`;
    await Deno.mkdir(this.#host.path(folder), { mode: 0o700 });
    const key = await makeSshKey(this.#host, `${folder}/id_ed25519`);
    const file = this.#host.path(`${folder}/known_hosts`);
    await Deno.writeTextFile(file, knownHosts);
    await asRoot(this.#host, `chown -R ${uid}:${uid} ${folder}`);
    return key;
  }
}
