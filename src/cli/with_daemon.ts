import { ConfigError, wrongValue } from "../config/config_error.ts";
import {
  chooseConfigFile,
  clientSockets,
  type ConfiguredSockets,
  namedSocket,
} from "../config/paths.ts";
import { SETTINGS } from "../config/settings.ts";
import { DaemonUnreachable } from "../control/client.ts";
import { Refusal } from "../mount/refusal.ts";
import { printable } from "../text/printable.ts";
import { shellQuoted } from "../text/shell_quoted.ts";
import { note } from "./show.ts";
import type { CommonOptions, Context, DaemonClient } from "./context.ts";

export interface Asking {
  readonly options: Pick<CommonOptions, "socket">;
  readonly context: Context;
  /**
   * What becomes of a socket on which another user could answer. Default
   * `told`: the user is told.
   */
  readonly doubts?: "refused" | "told" | "ignored";
  /** The read-only socket is enough, and comes first if there is one. Default false. */
  readonly readsOnly?: boolean;
}

/**
 * Connects to the daemon while `use` runs.
 * @throws {DaemonUnreachable}
 * @throws {ConfigError} if the path of the socket cannot be one
 */
export async function withDaemon<Result>(
  asking: Asking,
  use: (client: DaemonClient) => Promise<Result>,
): Promise<Result> {
  const client = await connectDaemon(asking);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Connects to the daemon; see `withDaemon`. */
export async function connectDaemon(asking: Asking): Promise<DaemonClient> {
  const { options: { socket }, context: { env } } = asking;
  const named = namedSocket({ socket, env });
  if (named !== undefined && SETTINGS.socket.type.read(named) === undefined) {
    const place = socket
      ? "flag --socket"
      : "environment variable DISKD_SOCKET";
    const raw = { name: "socket", key: "socket", value: named, place } as const;
    throw new ConfigError([wrongValue(raw)]);
  }
  try {
    const sockets = await findSockets(asking);
    return await asking.context.connect(
      sockets,
      (reason) => doubt(reason, asking),
    );
  } catch (error) {
    throw named === undefined ? error : sayNamed(error, named);
  }
}

/** @throws {Refusal} if it is refused */
function doubt(reason: string, { doubts = "told", context }: Asking): void {
  const shown = printable(reason);
  if (doubts === "refused") {
    throw new Refusal("refused", {
      message: `${shown}, and this command acts on what is answered there`,
      hints: ["Type it as that user, or name another socket with --socket."],
    });
  }
  if (doubts === "told") {
    note(`diskd: ${shown}. What is shown may be invented.`, context);
  }
}

/** Whoever names a socket has perhaps named the wrong one. */
function sayNamed(error: unknown, socket: string): unknown {
  if (!(error instanceof DaemonUnreachable)) return error;
  const { reason } = error;
  if (reason !== "not-found" && reason !== "refused") return error;
  const shown = shellQuoted([socket]);
  return new DaemonUnreachable(
    reason,
    `no diskd answers on ${socket}; give the path of another socket, or start ` +
      `a daemon there: diskd --daemon --socket ${shown}`,
  );
}

/** Paths at which a daemon may answer, the first choice first. */
export async function findSockets(
  { options, context, readsOnly = false }: Asking,
): Promise<string[]> {
  const { env, uid } = context;
  const { socket } = options;
  const configured = namedSocket({ socket, env })
    ? null
    : await readConfigured(context);
  const sockets = clientSockets({ socket, env, uid, configured });
  const first = readsOnly && configured?.readSocket;
  return first ? [...new Set([first, ...sockets])] : sockets;
}

/** YAML is slow to load, so it is loaded only for an existing file. */
async function readConfigured(
  context: Context,
): Promise<ConfiguredSockets | null> {
  const text = context.readText(chooseConfigFile(context).path);
  if (text === null) return null;
  const { configuredSockets } = await import(
    "../config/client_settings.ts"
  );
  return configuredSockets(text);
}
