import type { Config } from "../config/settings.ts";
import { CONTROL_LIMITS } from "../control/limits.ts";
import { addCounts, type ControlCounts, Seats } from "../control/seats.ts";
import {
  type ControlOptions,
  type ControlServer,
  serveControl,
} from "../control/server.ts";

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
}

/** The control socket of the daemon and, if configured, the read-only one. */
export class ControlSockets {
  #servers: ControlServer[] = [];

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
  }

  /** Of both together. */
  get counts(): ControlCounts {
    return addCounts(this.#servers.map(({ counts }) => counts));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
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
