import type { Answer, Answers } from "./answers.ts";
import { type Line, RequestLines } from "./framing.ts";
import type { Handlers, TextStyle } from "./handlers.ts";
import {
  errorLine,
  INVALID_REQUEST,
  notificationLine,
  PARSE_ERROR,
  RpcError,
} from "./jsonrpc.ts";
import type { ControlLimits } from "./limits.ts";
import { type DropReason, Outbox } from "./outbox.ts";
import type { ReaderBudget } from "./reader_budget.ts";
import type { Semaphore } from "./seats.ts";
import { EVENT_METHOD, type EventRow } from "./views.ts";

/** What the clients of the read-only socket share. */
export interface Readers {
  /** An answer waits for its turn, which ends when the answer was read. */
  readonly turns: Semaphore;
  readonly budget: ReaderBudget;
}

interface SessionOptions {
  readonly answers: Answers;
  readonly watch: Handlers["watch"];
  readonly lines: EventLines;
  readonly limits: ControlLimits;
  /** `null` for a client of the owner's socket, which shares nothing. */
  readonly readers: Readers | null;
  /** First line to the client, without a newline. */
  readonly greeting: string;
  readonly onDrop: (reason: DropReason | "line-too-long") => void;
  /** Called with a bug in diskd, which ends the connection. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A single client. Its lines are read in order. JSON requests run concurrently
 * and are answered as they finish; a text command waits for all before it, so
 * that answers arrive in order.
 */
export class Session {
  readonly #conn: Deno.Conn;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  readonly #inFlight = new Set<Promise<void>>();
  #isOver = false;
  #isLast = false;
  #stopWaiting = () => {};
  #unwatch = () => {};

  constructor(conn: Deno.Conn, options: SessionOptions) {
    this.#conn = conn;
    this.#options = options;
    this.#outbox = new Outbox(conn, {
      maxPendingBytes: options.limits.maxPendingBytes,
      stallMs: options.limits.stallMs,
      onEnd: (reason) => {
        if (reason !== null) options.onDrop(reason);
        this.end();
      },
    });
  }

  /** Serves the client until it leaves or is dropped. Settles when everything has ended. */
  async run(): Promise<void> {
    this.#sendText(`${this.#options.greeting}\n`);
    await this.#serveLines();
    await this.#unlessOver(Promise.all(this.#inFlight));
    await this.#outbox.drained();
    this.end();
    await this.#outbox.idle();
  }

  /** Ends the connection at once. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unwatch();
    this.#outbox.close();
    this.#stopWaiting();
    this.#conn.close();
  }

  async #serveLines(): Promise<void> {
    const splitter = new RequestLines(this.#options.limits.maxLineBytes);
    const buffer = new Uint8Array(READ_BYTES);
    let count: number | null;
    do {
      count = await this.#read(buffer);
      const lines = count === null
        ? splitter.end()
        : splitter.push(buffer.subarray(0, count));
      await this.#unlessOver(this.#payFor(lines.length));
      for (const line of lines) {
        if (this.#isOver || this.#isLast) return;
        await this.#unlessOver(this.#take(line));
      }
    } while (count !== null && !this.#isOver && !this.#isLast);
  }

  /** Bytes read; `null` at the end, even after an error: a client may leave in any way. */
  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      return this.#isOver ? null : await this.#conn.read(buffer);
    } catch {
      return null;
    }
  }

  /** What it takes to read these lines, and to send as many answers. */
  async #payFor(lines: number): Promise<void> {
    await this.#options.readers?.budget.pay(LINE_MS * (lines + 1));
  }

  async #take(line: Line): Promise<void> {
    if (line.kind !== "line") return this.#refuse(line);
    if (sideOf(line.text) === "json") return await this.#takeJson(line.text);
    await Promise.all(this.#inFlight);
    await this.#answer(line.text, "text");
  }

  async #takeJson(text: string): Promise<void> {
    const work = this.#answer(text, "json")
      .catch((error) => this.#fail(error))
      .finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
    if (this.#inFlight.size >= this.#options.limits.maxRequestsInFlight) {
      await Promise.race(this.#inFlight);
    }
  }

  async #answer(text: string, side: Side): Promise<void> {
    const { answers, readers, limits } = this.#options;
    const make = () =>
      side === "json" ? answers.toJson(text) : answers.toText(text);
    if (readers === null) return await this.#deliver(await make(), side);
    const endTurn = await readers.turns.take();
    const patience = new Patience(
      limits.readerAnswerMs,
      () => this.#drop("stalled"),
    );
    const run = <T>(work: () => Promise<T>) =>
      patience.suspend(() => readers.budget.run(work));
    try {
      const answer = this.#isOver ? null : await run(make);
      if (answer !== null) {
        const { rest } = answer;
        const paced = rest && inTurns(rest, run);
        await this.#deliver({ ...answer, ...paced && { rest: paced } }, side);
      }
      await this.#outbox.drained();
    } finally {
      patience.end();
      endTurn();
    }
  }

  async #deliver(answer: Answer, side: Side): Promise<void> {
    await this.#outbox.sendInTurn(answer.chunks, answer.rest);
    if (answer.then === "watch") this.#watch(side);
    if (answer.then === "quit") this.#isLast = true;
  }

  #watch(side: Side): void {
    if (this.#isOver) return;
    this.#unwatch();
    const { lines, watch } = this.#options;
    this.#unwatch = watch((event) =>
      this.#outbox.send([lines.bytes(event, side)])
    );
  }

  #refuse(line: Exclude<Line, { kind: "line" }>): void {
    const { maxLineBytes } = this.#options.limits;
    const tooLong = line.kind === "too-long";
    const error = tooLong
      ? new RpcError(
        INVALID_REQUEST,
        `the line is longer than ${maxLineBytes} bytes`,
      )
      : new RpcError(PARSE_ERROR, "the line is not UTF-8");
    const answer = sideOf(line.start) === "json"
      ? errorLine(null, error)
      : `error: ${error.message}\n\n`;
    this.#sendText(answer);
    if (!tooLong) return;
    this.#isLast = true;
    this.#options.onDrop("line-too-long");
  }

  #sendText(text: string): void {
    this.#outbox.send([new TextEncoder().encode(text)]);
  }

  /**
   * Waits for `work`, but not longer than there is a client. It does not race
   * with a promise for the whole connection, which would keep a reaction for
   * each line ever served.
   */
  async #unlessOver(work: Promise<unknown>): Promise<void> {
    if (this.#isOver) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopWaiting = resolve;
    work.then(() => resolve(), (error) => this.#fail(error));
    await promise;
  }

  #drop(reason: DropReason): void {
    if (this.#isOver) return;
    this.#options.onDrop(reason);
    this.end();
  }

  #fail(error: unknown): void {
    this.#options.onFailure(error);
    this.end();
  }
}

/** Makes each chunk of an answer when its turn comes. */
async function* inTurns(
  chunks: AsyncIterable<Uint8Array>,
  run: <T>(work: () => Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await run(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Time for a client to read an answer, without the time in which we make it. */
class Patience {
  readonly #onEnd: () => void;
  #leftMs: number;
  #startedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, onEnd: () => void) {
    this.#leftMs = ms;
    this.#onEnd = onEnd;
    this.#go();
  }

  /** Does something that is not the client's time. */
  async suspend<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#startedAt;
    try {
      return await work();
    } finally {
      this.#go();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#leftMs = Infinity;
  }

  #go(): void {
    if (this.#leftMs === Infinity) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onEnd, Math.max(0, this.#leftMs));
  }
}

function sideOf(line: string): Side {
  return /^\s*[{[]/.test(line) ? "json" : "text";
}

const READ_BYTES = 16 * 1024;

/** Processor time for a line and its answer, besides making that. */
const LINE_MS = 0.1;

/** Language of a client. */
type Side = "json" | "text";

/**
 * Events as bytes of a line. All watching clients receive an event before the
 * next, so each line is made once and shared, however many clients there are
 * and however slowly they read.
 */
export class EventLines {
  readonly #text: Pick<TextStyle, "event">;
  #event: EventRow | null = null;
  #made: Partial<Record<Side, Uint8Array>> = {};

  constructor(text: Pick<TextStyle, "event">) {
    this.#text = text;
  }

  /** Not copied: must not be changed. */
  bytes(event: EventRow, side: Side): Uint8Array {
    if (event !== this.#event) {
      this.#event = event;
      this.#made = {};
    }
    return this.#made[side] ??= this.#make(event, side);
  }

  #make(event: EventRow, side: Side): Uint8Array {
    const line = side === "json"
      ? notificationLine(EVENT_METHOD, event)
      : `${this.#text.event(event)}\n`;
    return new TextEncoder().encode(line);
  }
}
