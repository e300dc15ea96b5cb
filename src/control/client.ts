import { reasonOf } from "../system/reason.ts";
import { ReplyReader } from "./framing.ts";
import {
  parseReply,
  type Reply,
  type RequestId,
  requestLine,
  type RpcError,
} from "./jsonrpc.ts";
import { BUSY } from "./limits.ts";
import { doubtSocket } from "./socket_trust.ts";
import {
  EVENT_METHOD,
  type EventRow,
  type MethodName,
  type Methods,
} from "./views.ts";

/** Longest wait for an answer. */
export const ANSWER_TIMEOUT_MS = 10_000;
/**
 * Longest wait for methods that scan disks or wait for others: longer than a
 * hanging probe.
 */
export const SLOW_ANSWER_TIMEOUT_MS = 60_000;

const SLOW_METHODS: readonly string[] = [
  "refresh",
  "ping",
  "notify",
] satisfies MethodName[];

/** Events waiting for the caller; beyond that, nothing more is read from the socket. */
const MAX_WAITING_EVENTS = 1_000;

interface CallOptions {
  /** Until an answer, or a further part of it. Default: `ANSWER_TIMEOUT_MS`; for `refresh`, `ping` and `notify` `SLOW_ANSWER_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /**
   * Receives the first elements of a long list as they arrive, so that it takes
   * no memory as a whole; the result then has the others. Default: the result
   * has all.
   */
  readonly onRows?: OnRows;
}

type OnRows = (rows: readonly unknown[]) => void;

export interface ConnectOptions {
  /** The user of this process; `null` if unknown. */
  readonly uid: number | null;
  /**
   * Called before anything is asked where another user could answer, with the
   * reason. If it throws, nothing is asked.
   */
  readonly onDoubt?: ((reason: string) => void) | undefined;
}

/**
 * Connects to the first of `paths` with a running daemon.
 * @throws {DaemonUnreachable} if there is none, with a message that says how to
 * start it.
 */
export async function connectControl(
  paths: readonly string[],
  options?: ConnectOptions,
): Promise<ControlClient> {
  const attempts: FailedAttempt[] = [];
  for (const path of paths) {
    const doubt = options && doubtSocket(path, options.uid);
    let conn: Deno.Conn;
    try {
      conn = await Deno.connect({ transport: "unix", path });
    } catch (error) {
      attempts.push({ path, error });
      continue;
    }
    try {
      if (doubt) options.onDoubt?.(doubt);
      return new ControlClient(conn, path);
    } catch (error) {
      conn.close();
      throw error;
    }
  }
  throw unreachable(attempts);
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  /** Part of the answer has arrived. */
  readonly touch: () => void;
  readonly onRows: OnRows | undefined;
}

/** A connection to the daemon. Calls may run concurrently. */
export class ControlClient implements AsyncDisposable {
  /** The socket in use. */
  readonly path: string;
  readonly #conn: Deno.Conn;
  readonly #pending = new Map<number, Pending>();
  readonly #reading: Promise<void>;
  #events: EventQueue<EventRow> | null = null;
  #lastId = 0;
  /** Why the daemon hangs up, if it said so. */
  #lastWords = "";
  #sending = Promise.resolve();
  #end: DaemonUnreachable | null = null;
  #isClosed = false;

  constructor(conn: Deno.Conn, path: string) {
    this.#conn = conn;
    this.path = path;
    this.#reading = this.#readReplies();
  }

  /**
   * Calls a method and waits for the result.
   * @throws {RemoteFailure} if the daemon reports an error.
   * @throws {DaemonUnreachable} without an answer.
   */
  async call<M extends MethodName>(
    method: M,
    params: Methods[M]["params"],
    options: CallOptions = {},
  ): Promise<Methods[M]["result"]> {
    const result = await this.#request(method, params, options);
    return result as Methods[M]["result"];
  }

  /**
   * Events from now on, until the loop over them is left or the client is
   * closed. A second call ends the first.
   * @throws {DaemonUnreachable} if the daemon ends the connection.
   */
  async *watch(): AsyncGenerator<EventRow, void, void> {
    this.#events?.end(null);
    const events = new EventQueue<EventRow>(MAX_WAITING_EVENTS);
    this.#events = events;
    try {
      await this.#request("watch", {}, {});
      yield* events.events();
    } finally {
      events.end(null);
    }
  }

  /** Ends the connection; pending calls fail, loops over events end. May be called again. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#conn.close();
    }
    this.#events?.end(null);
    await this.#reading;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #request(
    method: MethodName | "watch",
    params: object,
    { timeoutMs = defaultTimeoutMs(method), onRows }: CallOptions,
  ): Promise<unknown> {
    if (this.#end !== null) throw this.#end;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touch = () => {
      clearTimeout(timer);
      const late = () => reject(tooLate(this.path, method, timeoutMs));
      timer = setTimeout(late, timeoutMs);
    };
    touch();
    this.#pending.set(id, { resolve, reject, touch, onRows });
    try {
      this.#send(requestLine({ id, method, params }));
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /**
   * Sends in order. A failure is not reported here: the reader will find the
   * end of the stream, and perhaps the reason before it.
   */
  #send(line: string): void {
    const bytes = new TextEncoder().encode(line);
    this.#sending = this.#sending.then(async () => {
      for (let sent = 0; sent < bytes.length;) {
        sent += await this.#conn.write(bytes.subarray(sent));
      }
    }).catch(() => {});
  }

  async #readReplies(): Promise<void> {
    const reader = new ReplyReader(this.#conn);
    try {
      for (let line; (line = await reader.next()) !== null;) {
        const { text, hasMore } = line;
        if (hasMore) await this.#takeLong(text, reader);
        else await this.#take(parseReply(text), text);
      }
    } catch {
      // The connection, or an answer that is no JSON, ended it.
    }
    this.#finish();
  }

  /** An answer that is too long to be parsed at once. */
  async #takeLong(start: string, reader: ReplyReader): Promise<void> {
    const { LongReply } = await import("./long_reply.ts");
    const reply = new LongReply();
    const kept: unknown[] = [];
    let piece: { text: string; hasMore: boolean } | null = {
      text: start,
      hasMore: true,
    };
    while (piece !== null) {
      const rows = reply.push(piece.text);
      const pending = this.#pending.get(reply.id ?? NaN);
      pending?.touch();
      if (pending?.onRows !== undefined) pending.onRows(rows);
      else if (pending !== undefined) {
        for (const row of rows) kept.push(row);
      }
      if (!piece.hasMore) pending?.resolve(reply.result ?? kept);
      piece = piece.hasMore ? await reader.next() : null;
    }
  }

  async #take(reply: Reply, line: string): Promise<void> {
    switch (reply.kind) {
      case "result":
        this.#pending.get(Number(reply.id))?.resolve(reply.result);
        break;
      case "error":
        this.#fail(reply.id, reply.error);
        break;
      case "notification":
        if (reply.method === EVENT_METHOD) {
          await this.#events?.put(reply.params as EventRow);
        }
        break;
      case "other":
        if (line.startsWith(BUSY)) this.#lastWords = line;
    }
  }

  #fail(id: RequestId, { code, message }: RpcError): void {
    const pending = this.#pending.get(Number(id));
    if (pending === undefined) this.#lastWords = message;
    else pending.reject(new RemoteFailure(code, message));
  }

  #finish(): void {
    const end = ended(this.path, this.#lastWords);
    this.#end = end;
    for (const { reject } of this.#pending.values()) reject(end);
    this.#events?.end(this.#isClosed ? null : end);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }
}

function defaultTimeoutMs(method: string): number {
  return SLOW_METHODS.includes(method)
    ? SLOW_ANSWER_TIMEOUT_MS
    : ANSWER_TIMEOUT_MS;
}

function ended(path: string, lastWords: string): DaemonUnreachable {
  const said = lastWords === "" ? "" : ` (${lastWords})`;
  return new DaemonUnreachable(
    "closed",
    `the connection to the diskd on ${path} ended${said}; look at its log, or start it again with: diskd --daemon`,
  );
}

function tooLate(
  path: string,
  method: string,
  timeoutMs: number,
): DaemonUnreachable {
  return new DaemonUnreachable(
    "timeout",
    `the diskd on ${path} did not answer ${method} within ${
      timeoutMs / 1000
    } s; look at its log, or restart it`,
  );
}

/** The daemon could not be queried, or did not answer. The message says how to fix that. */
export class DaemonUnreachable extends Error {
  override readonly name = "DaemonUnreachable";
  readonly reason: UnreachableReason;

  constructor(reason: UnreachableReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

type UnreachableReason =
  /** There is no socket. */
  | "not-found"
  /** The socket exists, but no daemon listens. */
  | "refused"
  /** This user may not connect to it. */
  | "denied"
  /** The connection ended before the answer. */
  | "closed"
  /** The answer did not arrive in time. */
  | "timeout"
  /** Connecting failed for another reason. */
  | "failed";

/** The daemon answered with an error. */
export class RemoteFailure extends Error {
  override readonly name = "RemoteFailure";
  /** An error code of JSON-RPC 2.0. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A path without connection. */
interface FailedAttempt {
  readonly path: string;
  readonly error: unknown;
}

/** Explains why no path answered: a refusal tells more than a missing socket. */
export function unreachable(
  attempts: readonly FailedAttempt[],
): DaemonUnreachable {
  const denied = attempts.find(({ error }) => kindOf(error) === "denied");
  if (denied !== undefined) {
    return new DaemonUnreachable(
      "denied",
      `a diskd may be there, but you may not use ${denied.path} (permission denied); run this as root (sudo diskd ...), or join the group of its socket`,
    );
  }
  const failed = attempts.find(({ error }) => kindOf(error) === "failed");
  if (failed !== undefined) {
    return new DaemonUnreachable(
      "failed",
      `cannot connect to ${failed.path}: ${
        reasonOf(failed.error)
      }; give the right path with --socket`,
    );
  }
  const stale = attempts.some(({ error }) => kindOf(error) === "refused");
  const paths = attempts.map(({ path }) => path).join(" or ");
  return new DaemonUnreachable(
    stale ? "refused" : "not-found",
    `no diskd answers on ${paths}; start it with: diskd --daemon (as root)`,
  );
}

function kindOf(error: unknown): UnreachableReason {
  if (error instanceof Deno.errors.NotFound) return "not-found";
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  if (error instanceof Deno.errors.PermissionDenied) return "denied";
  return "failed";
}

/** Events for a reader that takes them at its own pace. */
export class EventQueue<T> {
  readonly #maxWaiting: number;
  readonly #waiting: T[] = [];
  #error: Error | null = null;
  #isOver = false;
  #onChange = () => {};
  #onTaken = () => {};

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Adds an event; settles when there is room for another. */
  async put(event: T): Promise<void> {
    if (this.#isOver) return;
    this.#waiting.push(event);
    this.#onChange();
    while (this.#waiting.length >= this.#maxWaiting && !this.#isOver) {
      await new Promise<void>((resolve) => this.#onTaken = resolve);
    }
  }

  /** Ends the queue: waiting events are still delivered, then `error` is thrown, if any. */
  end(error: Error | null): void {
    this.#isOver = true;
    this.#error = error;
    this.#onChange();
    this.#onTaken();
  }

  async *events(): AsyncGenerator<T, void, void> {
    for (;;) {
      while (this.#waiting.length > 0) {
        yield this.#waiting.shift()!;
        this.#onTaken();
      }
      if (this.#error !== null) throw this.#error;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
  }
}
