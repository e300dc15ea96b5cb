import type { Environment } from "../config/paths.ts";
import { MAX_SOCKET_PATH_BYTES } from "../control/limits.ts";
import { reasonOf } from "../system/reason.ts";

type ServiceState =
  | "READY=1"
  | "STOPPING=1"
  | "RELOADING=1"
  | "WATCHDOG=1";

/** Input of `notifySystemd`. */
interface NotifyOptions {
  /** `NOTIFY_SOCKET`; `undefined` outside of systemd. */
  readonly notifySocket: string | undefined;
  /** The control socket: another may be created beside it. */
  readonly besides: string;
}

/** Sends messages to systemd in order, and reports failures instead of throwing. */
export class Notifier {
  readonly #options: NotifyOptions;
  readonly #onFailure: (reason: string) => void;
  #last = Promise.resolve();

  constructor(options: NotifyOptions, onFailure: (reason: string) => void) {
    this.#options = options;
    this.#onFailure = onFailure;
  }

  tell(state: ServiceState): Promise<void> {
    this.#last = this.#last
      .then(() => notifySystemd(state, this.#options))
      .catch((error) => this.#onFailure(reasonOf(error)));
    return this.#last;
  }
}

/**
 * Reports the state of the service to systemd, sd_notify(3): a datagram to the
 * Unix socket named by `NOTIFY_SOCKET`. Does nothing without it. Deno has no
 * abstract sockets (names that begin with `@`) and cannot send without its own
 * socket file, so a temporary one is created beside the control socket.
 * @throws {Error} if the message could not be delivered
 */
async function notifySystemd(
  state: ServiceState,
  { notifySocket, besides }: NotifyOptions,
): Promise<void> {
  if (notifySocket === undefined || notifySocket === "") return;
  if (!notifySocket.startsWith("/")) {
    throw new Error(
      `Cannot tell systemd ${state}: NOTIFY_SOCKET is ${notifySocket}, ` +
        "expected a path; diskd cannot use abstract sockets",
    );
  }
  try {
    await sendDatagram(state, { besides, to: notifySocket });
  } catch (error) {
    throw new Error(
      `Cannot tell systemd ${state} at ${notifySocket}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function sendDatagram(
  text: string,
  { besides, to }: { besides: string; to: string },
): Promise<void> {
  const { socket, path } = bindBeside(besides);
  try {
    await socket.send(new TextEncoder().encode(text), {
      transport: "unixpacket",
      path: to,
    });
  } finally {
    socket.close();
    Deno.removeSync(path);
  }
}

/** Binds `notify-PID` in the directory of a socket, or the end of this name if a longer path does not fit into an address. */
function bindBeside(besides: string) {
  const directory = besides.slice(0, besides.lastIndexOf("/") + 1);
  const room = MAX_SOCKET_PATH_BYTES -
    new TextEncoder().encode(directory).length;
  for (let number = 0;; number++) {
    const name = `notify-${Deno.pid}${number === 0 ? "" : `-${number}`}`;
    const path = directory + name.slice(-room);
    try {
      const socket = Deno.listenDatagram({ transport: "unixpacket", path });
      return { socket, path };
    } catch (error) {
      const isTaken = error instanceof Deno.errors.AddrInUse;
      if (!isTaken || number === MAX_NOTIFY_NAMES) throw error;
    }
  }
}

/** A crash may leave such a socket, and another daemon may have the same directory. */
const MAX_NOTIFY_NAMES = 9;

/**
 * Whether standard error is the journal: `JOURNAL_STREAM` has the device and
 * inode of the stream that systemd connected; a redirection leaves the variable.
 * @see systemd.exec(5)
 */
export async function isStderrJournal(env: Environment): Promise<boolean> {
  const stream = env["JOURNAL_STREAM"] ?? "";
  if (stream === "") return false;
  try {
    const { fstatSync } = await import("node:fs");
    const { dev, ino } = fstatSync(STDERR, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // Closed.
    return false;
  }
}

const STDERR = 2;

/** Share of systemd's waiting time between two signs of life, so that two may be late. */
const SHARE = 1 / 3;

/**
 * Time between signs of life to systemd, in ms; `null` if it expects none.
 * `WATCHDOG_USEC` has its waiting time, and `WATCHDOG_PID`, if set, the
 * process. @see sd_watchdog_enabled(3)
 */
export function watchdogIntervalMs(
  env: Environment,
  pid: number,
): number | null {
  const { WATCHDOG_USEC: usec = "", WATCHDOG_PID: of } = env;
  if (of !== undefined && of !== "" && of !== String(pid)) return null;
  if (!/^[1-9]\d{0,15}$/.test(usec)) return null;
  return Math.max(1, Math.floor(Number(usec) / 1_000 * SHARE));
}

/**
 * Calls `beat` regularly from the loop that does all work of the daemon: a
 * hanging loop gives no sign of life. Ends when the returned function is
 * called.
 */
export function startWatchdog(
  intervalMs: number | null,
  beat: () => Promise<void>,
): () => void {
  if (intervalMs === null) return () => {};
  const timer = setInterval(beat, Math.min(intervalMs, MAX_TIMER_MS));
  return () => clearInterval(timer);
}

/** Timers count in 32 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1;
