import { SYSTEM_PATH } from "./holder.ts";
import type { CommandOptions, Host, RunOptions } from "./host.ts";
import type { Outcome, Process } from "./process.ts";
import { programArgv, programEnv, PROJECT } from "./program.ts";
import { shellQuoted } from "./shell_quoted.ts";

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
    await asRoot(host, [
      `mkdir -p ${user.home} ${user.runtimeDir}`,
      `chown ${user.uid}:${user.uid} ${user.home} ${user.runtimeDir}`,
      `chmod 700 ${user.home} ${user.runtimeDir}`,
    ]);
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
  const script = `#!/bin/sh\nexec ${words.map(shellQuoted).join(" ")} "$@"\n`;
  const file = host.path(`${BIN_FOLDER}/diskd`);
  if (await exists(file)) return;
  await asRoot(host, [
    `mkdir -p ${BIN_FOLDER} ${OPEN_FOLDER}/project ${OPEN_FOLDER}/deno-dir`,
    `touch ${OPEN_FOLDER}/program`,
    bind(program!, "program"),
    bind(PROJECT, "project"),
    bind(programEnv()["DENO_DIR"]!, "deno-dir"),
  ]);
  await Deno.writeTextFile(file, script, { mode: 0o755 });
}

function bind(path: string, name: string): string {
  return `mount --bind ${shellQuoted(path)} ${OPEN_FOLDER}/${name}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function asRoot(host: Host, commands: readonly string[]): Promise<void> {
  const argv = ["sh", "-c", commands.join(" && ")];
  const { code, stderr } = await host.run(argv);
  if (code !== 0) throw new Error(`Cannot make a user: ${stderr}`);
}
