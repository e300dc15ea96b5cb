import { Answers, type AnswersOptions } from "./answers.ts";
import { type Access, ALL, type Handlers, type TextStyle } from "./handlers.ts";
import { BUSY, CONTROL_LIMITS, type ControlLimits } from "./limits.ts";
import { ReaderBudget } from "./reader_budget.ts";
import { type ControlCounts, Seats, Semaphore } from "./seats.ts";
import { EventLines, type Readers, Session } from "./session.ts";
import {
  claimSocketFile,
  type MadeAnew,
  type SocketFile,
} from "./socket_file.ts";
import { pause, within } from "../system/within.ts";

export interface ControlOptions {
  /** Path of the socket; its directory is created with mode 0755. */
  readonly path: string;
  /** Group that may also connect. Default: `null`, none. */
  readonly gid?: number | null;
  /** Mode of the socket. Default: 0600, with `gid` 0660. */
  readonly mode?: number;
  /** The methods allowed. Default: all. */
  readonly access?: Access;
  /** Room for clients, shared with the other sockets of this daemon. Default: its own. */
  readonly seats?: Seats;
  /** The first line to a client, without a newline. */
  readonly greeting: () => string;
  readonly handlers: Handlers;
  readonly text: TextStyle;
  /**
   * Called with each error other than `RpcError`, a bug in diskd, and with the
   * request. Default: none.
   */
  readonly onFailure?: AnswersOptions["onFailure"];
  /** Called when an answer is made and not told yet. Must not throw. Default: nothing. */
  readonly beforeTelling?: AnswersOptions["beforeTelling"];
  /** Default: `CONTROL_LIMITS`. */
  readonly limits?: Partial<ControlLimits>;
}

export interface ControlServer extends AsyncDisposable {
  readonly path: string;
  /** Present counts. */
  readonly counts: ControlCounts;
  /** The files that `restore` makes anew. */
  readonly files: readonly string[];
  /**
   * Makes the socket and its lock anew if they are gone or replaced.
   * @throws {SocketUnavailable}
   */
  restore(): Promise<MadeAnew[]>;
  /** Removes the socket and ends every connection. May be called again. */
  close(): Promise<void>;
}

/**
 * Listens on a Unix socket and answers each line, in JSON-RPC or as text, until
 * it is closed. No client can block or end it.
 * @throws {SocketUnavailable} if another daemon has the socket, or it cannot be
 * created.
 */
export async function serveControl(
  options: ControlOptions,
): Promise<ControlServer> {
  const gid = options.gid ?? null;
  const socket = await claimSocketFile(options.path, {
    gid,
    mode: options.mode ?? (gid === null ? 0o600 : 0o660),
  });
  return new Server(socket, options);
}

class Server implements ControlServer {
  readonly path: string;
  readonly #socket: SocketFile;
  readonly #options: ControlOptions;
  readonly #limits: ControlLimits;
  readonly #access: Access;
  readonly #seats: Seats;
  /** For clients of the read-only socket; others need none. */
  readonly #readers: Readers | null;
  readonly #answers: Answers;
  readonly #lines: EventLines;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #dropped = { stalled: 0, overflowed: 0, "line-too-long": 0 };
  readonly #accepting: Promise<void>;
  #served = 0;
  #turnedAway = 0;
  #closing: Promise<void> | null = null;

  constructor(socket: SocketFile, options: ControlOptions) {
    this.path = options.path;
    this.#socket = socket;
    this.#options = options;
    this.#access = options.access ?? ALL;
    this.#limits = limitsFor(this.#access, {
      ...CONTROL_LIMITS,
      ...options.limits,
    });
    this.#seats = options.seats ?? new Seats(this.#limits);
    this.#readers = this.#access.kind === "read"
      ? readersWithin(this.#limits)
      : null;
    this.#answers = new Answers({
      handlers: options.handlers,
      text: options.text,
      access: this.#access,
      onFailure: options.onFailure ?? (() => {}),
      beforeTelling: options.beforeTelling,
    });
    this.#lines = new EventLines(options.text);
    this.#accepting = this.#acceptAll();
  }

  get counts(): ControlCounts {
    return {
      clients: this.#sessions.size,
      served: this.#served,
      turnedAway: this.#turnedAway,
      delayed: this.#readers?.budget.delayed ?? 0,
      dropped: { ...this.#dropped },
    };
  }

  get files(): readonly string[] {
    return this.#socket.files;
  }

  restore(): Promise<MadeAnew[]> {
    return this.#socket.restore();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#readers?.budget.end();
    await this.#socket.close();
    await this.#accepting;
    for (const session of this.#sessions.keys()) session.end();
    await within(
      this.#limits.closeMs,
      Promise.all(this.#sessions.values()),
    );
  }

  async #acceptAll(): Promise<void> {
    while (this.#closing === null) {
      try {
        this.#admit(await this.#socket.accept());
        await this.#readers?.budget.pay(CONNECTION_MS);
      } catch {
        // `close` was called; or the socket is made anew, or there are too many
        // open files: then wait.
        if (this.#closing === null) await pause(ACCEPT_RETRY_MS);
      }
    }
  }

  #admit(conn: Deno.Conn): void {
    const { kind } = this.#access;
    if (!this.#seats.take(kind)) {
      this.#turnedAway++;
      turnAway(conn, this.#seats.most(kind));
      return;
    }
    this.#served++;
    const session = new Session(conn, {
      answers: this.#answers,
      watch: (onEvent) => this.#options.handlers.watch(onEvent),
      lines: this.#lines,
      limits: this.#limits,
      readers: this.#readers,
      greeting: this.#options.greeting(),
      onDrop: (reason) => this.#dropped[reason]++,
      onFailure: (error) => this.#options.onFailure?.(error, "watch"),
    });
    const ended = session.run().finally(() => {
      this.#sessions.delete(session);
      this.#seats.leave(kind);
    });
    this.#sessions.set(session, ended);
  }
}

function readersWithin(
  { maxReaderAnswers, readerShare, readerBurstMs }: ControlLimits,
): Readers {
  return {
    turns: new Semaphore(maxReaderAnswers),
    budget: new ReaderBudget({
      share: readerShare,
      burstMs: readerBurstMs,
      now: () => performance.now(),
    }),
  };
}

function limitsFor({ kind }: Access, limits: ControlLimits): ControlLimits {
  if (kind === "all") return limits;
  return { ...limits, maxRequestsInFlight: limits.maxReaderRequestsInFlight };
}

/** A new connection accepts a line without reading, so this ends at once. */
async function turnAway(conn: Deno.Conn, maxClients: number): Promise<void> {
  const line =
    `${BUSY}diskd serves ${maxClients} clients at once; end one, or try again later\n`;
  try {
    await conn.write(new TextEncoder().encode(line));
  } catch {
    // It left before the message.
  } finally {
    conn.close();
  }
}

const ACCEPT_RETRY_MS = 100;

/** Processor time to accept and greet a client, generously. */
const CONNECTION_MS = 0.5;
