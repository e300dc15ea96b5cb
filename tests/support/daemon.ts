import {
  connectControl,
  type ControlClient,
} from "../../src/control/client.ts";
import type { EventRow, Methods } from "../../src/control/views.ts";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import type { Outcome, Process } from "./process.ts";

/** Where the daemon of root listens. */
export const DEFAULT_SOCKET = "/run/diskd/control.sock";

/** Where the daemon of root on the default socket keeps who it is. */
export const IDENTITY_FILE = "/var/lib/diskd/identity.json";
/** And its key. */
export const KEY_FILE = "/var/lib/diskd/identity.key";

/** For tests that wait for what happens at intervals. */
export const SHORT_INTERVALS: readonly string[] = [
  "--scan-interval",
  "1",
  "--announce-interval",
  "1",
];

/** Takes in a start on a machine that is busy with other things too. */
const START_TIMEOUT_MS = 30_000;
/** For an answer of the daemon, and for a run of the command. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface DaemonOptions {
  /** Default: the one that root has by default, and no `--socket`. */
  readonly socket?: string;
  /** Options of `diskd --daemon`. */
  readonly args?: readonly string[];
  /** Log errors only, where much is to be said. Default false. */
  readonly quiet?: boolean;
  /** Starts it. Default: on the host, as root. */
  readonly spawn?: (argv: readonly string[]) => Process;
}

/** A `diskd --daemon` on a host of the LAN in a box; killed when it is disposed of. */
export class Daemon implements AsyncDisposable {
  readonly host: Host;
  readonly process: Process;
  /** As the host sees it. */
  readonly socket: string;
  readonly #socketArgs: readonly string[];

  private constructor(host: Host, options: DaemonOptions) {
    const { socket, args = [], quiet = false } = options;
    const spawn = options.spawn ?? ((argv) => host.spawn(argv));
    this.host = host;
    this.socket = socket ?? DEFAULT_SOCKET;
    this.#socketArgs = socket === undefined ? [] : ["--socket", socket];
    const level = quiet ? ["--log-level", "error"] : [];
    const argv = ["diskd", "--daemon", ...this.#socketArgs, ...level, ...args];
    this.process = spawn(argv);
  }

  /** Starts one, and waits until it says that it is ready, or answers when it may not say it. */
  static async start(
    host: Host,
    options: DaemonOptions = {},
  ): Promise<Daemon> {
    const daemon = new Daemon(host, options);
    if (options.quiet) {
      await eventually(() => daemon.call("status", {}));
    } else {
      await daemon.process.waitForLog(/[ "]ready[ "]/, START_TIMEOUT_MS);
    }
    return daemon;
  }

  /** Asks it over its socket, from outside of the host: cheap enough to be done often. */
  async call<M extends keyof Methods>(
    method: M,
    params: Methods[M]["params"],
  ): Promise<Methods[M]["result"]> {
    await using client = await connectControl([this.host.path(this.socket)]);
    const timeoutMs = ANSWER_TIMEOUT_MS;
    return await client.call(method, params, { timeoutMs });
  }

  /** Runs `diskd COMMAND` on its host. */
  run(command: readonly string[]): Promise<Outcome> {
    const argv = ["diskd", ...command, ...this.#socketArgs];
    return this.host.run(argv, { timeoutMs: ANSWER_TIMEOUT_MS });
  }

  /** What `diskd COMMAND --json` prints, which must end with exit code 0. */
  async json<M extends keyof Methods>(
    method: M,
    ...words: string[]
  ): Promise<Methods[M]["result"]> {
    const { code, stdout, stderr } = await this.run(
      [method, "--json", "--", ...words],
    );
    if (code === 0) return JSON.parse(stdout);
    const command = ["diskd", method, ...words].join(" ");
    throw new Error(
      `${command} on ${this.host.name} exited with ${code}:\n${stderr}${stdout}`,
    );
  }

  /** Ends it, with a goodbye to the LAN. */
  stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Outcome> {
    return this.process.stop(signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}

/** Follows the events of a daemon until it is disposed of. */
export class Watcher implements AsyncDisposable {
  readonly events: EventRow[] = [];
  readonly #client: ControlClient;
  readonly #following: Promise<void>;

  private constructor(client: ControlClient) {
    this.#client = client;
    this.#following = this.#follow();
  }

  static async start(daemon: Daemon): Promise<Watcher> {
    const path = daemon.host.path(daemon.socket);
    const client = await connectControl([path]);
    const watcher = new Watcher(client);
    // Requests are answered in turn: now it follows.
    await client.call("status", {});
    return watcher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.#following;
  }

  async #follow(): Promise<void> {
    for await (const event of this.#client.watch()) this.events.push(event);
  }
}
