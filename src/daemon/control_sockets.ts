import type { Config } from "../config/settings.ts";
import { CONTROL_LIMITS } from "../control/limits.ts";
import { addCounts, type ControlCounts, Seats } from "../control/seats.ts";
import {
  type ControlOptions,
  type ControlServer,
  serveControl,
} from "../control/server.ts";
import type { MadeAnew } from "../control/socket_file.ts";
import { reasonOf } from "../system/reason.ts";
import { pause } from "../system/within.ts";
import { type Log, ProblemLog } from "./log.ts";

/** Time between two checks of the files; usually the kernel tells first. */
const CHECK_SOCKETS_MS = 2_000;

/** What the kernel tells of files that are gone would end the watch of new ones of the same name. */
const SETTLE_MS = 100;

/** Mode of a read-only socket for every user of this host. */
const EVERYBODY = 0o666;

interface ControlSocketsOptions {
  readonly config: Pick<
    Config,
    "socket" | "socketGroup" | "readSocket" | "readSocketGroup"
  >;
  /** Text of a file, for group numbers; `null` if it cannot be read. */
  readonly readText: (path: string) => string | null;
  /** Options common to both sockets. */
  readonly serve: Pick<
    ControlOptions,
    "greeting" | "handlers" | "text" | "onFailure" | "beforeTelling"
  >;
  /** Makes a file beside the sockets anew if it is gone, and returns its path; `null` if it is there. Must not throw. */
  readonly checkBeside: () => string | null;
}

/**
 * The control socket of the daemon and, if configured, the read-only one. If
 * something removes or replaces them, they are made anew.
 */
export class ControlSockets {
  readonly #log: Log;
  readonly #problemLog: ProblemLog;
  #servers: ControlServer[] = [];
  #problems: readonly string[] = [];
  #checkBeside: () => string | null = () => null;
  #watcher: Deno.FsWatcher | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #checking: Promise<void> | null = null;
  /** Whether something happened during a check. */
  #again = false;

  constructor(log: Log) {
    this.#log = log;
    this.#problemLog = new ProblemLog(log, "the sockets are in place again");
  }

  /**
   * Listens on both sockets, or on none if one fails.
   * @throws {SocketUnavailable} if another daemon has a socket, or it cannot be
   * created.
   * @throws {Error} for an unknown group.
   */
  async start(options: ControlSocketsOptions): Promise<void> {
    try {
      for (const one of socketsOf(options)) {
        this.#servers.push(await serveControl({ ...options.serve, ...one }));
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#checkBeside = options.checkBeside;
    this.#timer = setInterval(this.check, CHECK_SOCKETS_MS);
    this.#follow();
  }

  /** Of both together. */
  get counts(): ControlCounts {
    return addCounts(this.#servers.map(({ counts }) => counts));
  }

  /** Sockets that cannot be made anew, a sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Makes the sockets and their locks anew if they are gone or replaced. */
  readonly check = (): Promise<void> => {
    this.#again = true;
    this.#checking ??= this.#checkAll().finally(() => this.#checking = null);
    return this.#checking;
  };

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#again = false;
    this.#unfollow();
    await this.#checking;
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
  }

  async #checkAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const isNew = await this.#check();
      if (!isNew) continue;
      this.#unfollow();
      await pause(SETTLE_MS);
      if (this.#timer === undefined) return;
      this.#follow();
      // One of them may have gone before it was followed.
      this.#again = true;
    }
  }

  /** Returns whether a file was made anew. */
  async #check(): Promise<boolean> {
    const made: MadeAnew[] = [];
    const problems: string[] = [];
    for (const server of this.#servers) {
      try {
        made.push(...await server.restore());
      } catch (error) {
        problems.push(
          `The socket ${server.path} is gone, and cannot be made anew: ` +
            reasonOf(error),
        );
      }
    }
    this.#problems = problems;
    this.#problemLog.tell(problems);
    // If another daemon has the socket, what is beside it belongs to that.
    const beside = problems.length === 0 ? this.#checkBeside() : null;
    if (beside !== null) made.push({ path: beside, aside: null });
    for (const one of made) this.#tell(one);
    return made.length > 0;
  }

  #tell({ path, aside }: MadeAnew): void {
    const happened = aside === null ? "was removed" : "was replaced";
    this.#log.warn(`a file of diskd ${happened}; made anew`, { path, aside });
  }

  /** Checks as soon as the kernel tells that a file is gone, if it has room for another watch. */
  #follow(): void {
    try {
      const files = this.#servers.flatMap(({ files }) => files);
      this.#watcher = Deno.watchFs(files, { recursive: false });
      this.#checkAt(this.#watcher);
    } catch {
      // The timer is left.
    }
  }

  #unfollow(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  async #checkAt(changes: Deno.FsWatcher): Promise<void> {
    for await (const { kind } of changes) {
      if (kind === "remove" || kind === "rename") this.check();
    }
  }
}

/** Options that differ between the sockets. */
type OneSocket = Pick<
  ControlOptions,
  "path" | "gid" | "mode" | "access" | "seats"
>;

function socketsOf({ config, readText }: ControlSocketsOptions): OneSocket[] {
  const { socket, socketGroup, readSocket, readSocketGroup } = config;
  const seats = new Seats(CONTROL_LIMITS);
  const gidOf = (
    setting: "socketGroup" | "readSocketGroup",
    group: string | null,
  ) => socketGroupId(group, { setting, readText });
  const own = { path: socket, gid: gidOf("socketGroup", socketGroup), seats };
  if (readSocket === null) return [own];
  const gid = gidOf("readSocketGroup", readSocketGroup);
  const reading: OneSocket = {
    path: readSocket,
    gid,
    ...(gid === null && { mode: EVERYBODY }),
    access: { kind: "read", elsewhere: socket },
    seats,
  };
  return [own, reading];
}

/** The file of group names, group(5). */
const GROUP_FILE = "/etc/group";

/**
 * The number of the group that may use a control socket, given by name or
 * number; `null` for none.
 * @throws {Error} for an unknown group
 */
function socketGroupId(
  group: string | null,
  { setting, readText }: {
    /** The setting that names the group. */
    readonly setting: "socketGroup" | "readSocketGroup";
    readonly readText: (path: string) => string | null;
  },
): number | null {
  if (group === null) return null;
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of (readText(GROUP_FILE) ?? "").split("\n")) {
    const [name, , gid] = line.split(":");
    if (name === group && gid !== undefined) return Number(gid);
  }
  throw new Error(
    `There is no group ${JSON.stringify(group)} in ${GROUP_FILE} for the ` +
      `control socket; create it with groupadd, or set ${setting} to another`,
  );
}
