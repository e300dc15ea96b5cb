import { shellQuoted } from "../../src/text/shell_quoted.ts";
import { checkOutcome, type ExpectedOutcome } from "./check_outcome.ts";
import { SYSTEM_PATH } from "./holder.ts";
import {
  asRoot,
  type CommandOptions,
  type Host,
  type RunOptions,
} from "./host.ts";
import type { Outcome, Process } from "./process.ts";
import { programArgv, programEnv, PROJECT } from "./program.ts";
import { makeSshKey } from "./ssh_lan.ts";

/** Here everybody on the host may read what the program is started from. */
const OPEN_FOLDER = "/run/lan/open";
const BIN_FOLDER = `${OPEN_FOLDER}/bin`;

export interface UserOptions {
  /** Not 0. The user's own group has the same number. */
  readonly uid: number;
  /** Numbers of the groups that the user is in besides. Default: none. */
  readonly groups?: readonly number[];
  /** More options of setpriv(1) for whatever the user runs. Default: none. */
  readonly setpriv?: readonly string[];
  /** A program that is started as root, and starts what follows as this user. Default: none. */
  readonly within?: readonly string[];
}

/** Somebody on a host who is not root, with a home and, as after a login, `XDG_RUNTIME_DIR`. */
export class User {
  readonly #host: Host;
  readonly #groups: readonly number[];
  readonly #setpriv: readonly string[];
  readonly #within: readonly string[];

  readonly uid: number;
  readonly home: string;
  readonly runtimeDir: string;

  private constructor(
    host: Host,
    { uid, groups = [], setpriv = [], within = [] }: UserOptions,
  ) {
    this.#host = host;
    this.#groups = groups;
    this.#setpriv = setpriv;
    this.#within = within;
    this.uid = uid;
    this.home = `/run/lan/home-${uid}`;
    this.runtimeDir = `/run/user/${uid}`;
  }

  static async create(host: Host, options: UserOptions): Promise<User> {
    await openProgram(host);
    const user = new User(host, options);
    const folders = `${user.home} ${user.runtimeDir}`;
    await asRoot(
      host,
      `mkdir -p ${folders} && chown ${user.uid}:${user.uid} ${folders} && ` +
        `chmod 700 ${folders}`,
    );
    return user;
  }

  /** As `Host.run()`, with the rights of this user. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const env = this.#env(options);
    return this.#host.run(this.#become(argv), { ...options, env });
  }

  /** As `Host.spawn()`, with the rights of this user. */
  spawn(argv: readonly string[], options: CommandOptions = {}): Process {
    const env = this.#env(options);
    return this.#host.spawn(this.#become(argv), { env });
  }

  #become(argv: readonly string[]): string[] {
    const groups = this.#groups.length > 0
      ? `--groups=${this.#groups.join(",")}`
      : "--clear-groups";
    const ids = [`--reuid=${this.uid}`, `--regid=${this.uid}`, groups];
    const setpriv = ["setpriv", ...ids, ...this.#setpriv, "--"];
    return [...this.#within, ...setpriv, ...argv];
  }

  #env({ env }: CommandOptions): Record<string, string> {
    return {
      PATH: `${BIN_FOLDER}:${SYSTEM_PATH}`,
      DENO_DIR: `${OPEN_FOLDER}/deno-dir`,
      HOME: this.home,
      XDG_RUNTIME_DIR: this.runtimeDir,
      ...env,
    };
  }
}

/**
 * Lets everybody on the host run `diskd`: the program, Deno and its packages
 * are often in the home of root, which nobody else may enter.
 */
async function openProgram(host: Host): Promise<void> {
  const [program, ...args] = programArgv();
  const words = [
    `${OPEN_FOLDER}/program`,
    ...args.map((word) => word.replace(PROJECT, `${OPEN_FOLDER}/project`)),
  ];
  const script = `#!/bin/sh\nexec ${shellQuoted(words)} "$@"\n`;
  const file = host.path(`${BIN_FOLDER}/diskd`);
  if (await exists(file)) return;
  const commands = [
    `mkdir -p ${BIN_FOLDER} ${OPEN_FOLDER}/project ${OPEN_FOLDER}/deno-dir`,
    `touch ${OPEN_FOLDER}/program`,
    bind(program!, "program"),
    bind(PROJECT, "project"),
    bind(programEnv()["DENO_DIR"]!, "deno-dir"),
  ];
  await asRoot(host, commands.join(" && "));
  await Deno.writeTextFile(file, script, { mode: 0o755 });
}

function bind(path: string, name: string): string {
  return `mount --bind ${shellQuoted([path])} ${OPEN_FOLDER}/${name}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

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
