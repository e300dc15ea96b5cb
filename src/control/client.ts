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
import {
  EVENT_METHOD,
  type EventRow,
  type MethodName,
  type Methods,
} from "./views.ts";

/** How long a client waits for an answer. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** How long for those that look at disks or wait for other hosts: longer than a probe that hangs. */
export const SLOW_ANSWER_TIMEOUT_MS = 60_000;

const SLOW_METHODS: readonly string[] = [
  "refresh",
  "ping",
] satisfies MethodName[];

/** Events that wait to be taken, before no more are read from the socket. */
const MAX_WAITING_EVENTS = 1_000;

interface CallOptions {
  /** Default: `ANSWER_TIMEOUT_MS`, for `refresh` and `ping` `SLOW_ANSWER_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * Connects to the first of `paths` that a daemon answers on.
 * @throws {DaemonUnreachable} when none does, with a message that says what to type.
 */
export async function connectControl(
  paths: readonly string[],
): Promise<ControlClient> {
  const attempts: FailedAttempt[] = [];
  for (const path of paths) {
    try {
      const conn = await Deno.connect({ transport: "unix", path });
      return new ControlClient(conn, path);
    } catch (error) {
      attempts.push({ path, error });
    }
  }
  throw unreachable(attempts);
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to the daemon. Calls may be made side by side. */
export class ControlClient implements AsyncDisposable {
  /** The socket that the daemon answered on. */
  readonly path: string;
  readonly #conn: Deno.Conn;
  readonly #pending = new Map<number, Pending>();
  readonly #reading: Promise<void>;
  #events: EventQueue<EventRow> | null = null;
  #lastId = 0;
  /** Why the daemon hangs up, as far as it said. */
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
   * Asks the daemon and waits for its answer.
   * @throws {RemoteFailure} when it says that it cannot.
   * @throws {DaemonUnreachable} when no answer comes.
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
   * Events from now on, until the loop over them is left or the client closed.
   * One at a time: a second call ends the first.
   * @throws {DaemonUnreachable} when the daemon ends the connection.
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

  /** Ends the connection; calls that wait are told so, loops over events end. May be called again. */
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
    { timeoutMs = defaultTimeoutMs(method) }: CallOptions,
  ): Promise<unknown> {
    if (this.#end !== null) throw this.#end;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    const timer = setTimeout(
      () => reject(tooLate(this.path, method, timeoutMs)),
      timeoutMs,
    );
    try {
      this.#send(requestLine({ id, method, params }));
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /** Sends after what is being sent. A failure is no error of its own: the reader meets the end, and perhaps the reason before it. */
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
    let why: string | null = null;
    try {
      for (let line; (line = await reader.next()) !== null;) {
        await this.#take(parseReply(line), line);
      }
    } catch (error) {
      if (error instanceof RangeError) why = error.message;
    }
    this.#finish(why);
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

  #finish(why: string | null): void {
    const end = ended(this.path, why ?? this.#lastWords);
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

/** The daemon could not be asked, or did not answer. Its message says what to type next. */
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
  /** There is one, but nobody listens on it. */
  | "refused"
  /** This user may not connect to it. */
  | "denied"
  /** The connection ended before the answer came. */
  | "closed"
  /** No answer came in time. */
  | "timeout"
  /** The system would not connect, for another reason. */
  | "failed";

/** The daemon answered that it could not do what was asked. */
export class RemoteFailure extends Error {
  override readonly name = "RemoteFailure";
  /** A code of JSON-RPC 2.0. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One path that could not be connected to. */
interface FailedAttempt {
  readonly path: string;
  readonly error: unknown;
}

/** Says why none of the paths answered: one that may not be used tells more than one that is not there. */
export function unreachable(
  attempts: readonly FailedAttempt[],
): DaemonUnreachable {
  const denied = attempts.find(({ error }) => kindOf(error) === "denied");
  if (denied !== undefined) {
    return new DaemonUnreachable(
      "denied",
      `a diskd may be there, but you may not use ${denied.path} (permission denied); type this as root (sudo diskd ...), or join the group of its socket`,
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

/** Events that one reader takes when it likes. */
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

  /** Puts an event in; settles when there is room for another. */
  async put(event: T): Promise<void> {
    if (this.#isOver) return;
    this.#waiting.push(event);
    this.#onChange();
    while (this.#waiting.length >= this.#maxWaiting && !this.#isOver) {
      await new Promise<void>((resolve) => this.#onTaken = resolve);
    }
  }

  /** No more events come: those that wait are still given out, then `error` is thrown where there is one. */
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
