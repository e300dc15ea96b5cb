import { type ControlClient, DaemonUnreachable } from "../control/client.ts";
import type { EventRow, MethodName, Methods } from "../control/views.ts";
import { reasonOf } from "../system/reason.ts";
import { pause } from "../system/within.ts";

/** The daemon as used here. */
export type WebClient = Pick<ControlClient, "call" | "watch" | "close">;

/** Wait before connecting again: at first, and at most. */
const RECONNECT_MS = { first: 200, max: 5_000 } as const;
/** Questions that wait for their turn. */
const MAX_QUESTIONS = 32;
/** Rows of a list; a longer one is read, and thrown away. */
const MAX_KEPT_ROWS = 30_000;

interface DaemonLinkOptions {
  /** @throws {DaemonUnreachable} */
  readonly connect: () => Promise<WebClient>;
  readonly onEvent: (event: EventRow) => void;
  /** The daemon came, or went: then why. */
  readonly onState: (problem: string | null) => void;
}

/**
 * The one connection to the daemon, whatever the number of browsers: its
 * events, and all questions, one after the other. The daemon comes and goes.
 */
export class DaemonLink {
  readonly #options: DaemonLinkOptions;
  #client: WebClient | null = null;
  #problem = "the first connection to the daemon is not made yet";
  #questions = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DaemonLinkOptions) {
    this.#options = options;
  }

  /** Why nobody can be asked; `null` while the daemon is there. */
  get problem(): string | null {
    return this.#client === null ? this.#problem : null;
  }

  /**
   * Asks the daemon.
   * @throws {DaemonUnreachable | RemoteFailure}
   * @throws {LinkDown} without a connection, or if too much is asked
   * @throws {TooLong} if the list has more than `MAX_KEPT_ROWS`
   */
  async call<M extends MethodName>(
    method: M,
    params: Methods[M]["params"],
  ): Promise<Methods[M]["result"]> {
    if (this.#questions >= MAX_QUESTIONS) {
      throw new LinkDown("too many ask at once; try again");
    }
    this.#questions++;
    const answer = this.#last.then(() => this.#ask(method, params));
    this.#last = answer.catch(() => {});
    try {
      return await answer;
    } finally {
      this.#questions--;
    }
  }

  /** Keeps the connection until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    let waitMs: number = RECONNECT_MS.first;
    while (!signal.aborted) {
      try {
        await this.#follow(signal, () => waitMs = RECONNECT_MS.first);
      } catch (error) {
        if (!signal.aborted) this.#lost(reasonOf(error));
      }
      if (signal.aborted) return;
      await pause(waitMs, signal);
      waitMs = Math.min(2 * waitMs, RECONNECT_MS.max);
    }
  }

  async #ask<M extends MethodName>(
    method: M,
    params: Methods[M]["params"],
  ): Promise<Methods[M]["result"]> {
    const client = this.#client;
    if (client === null) throw new LinkDown(this.#problem);
    const rows = new BoundedRows();
    try {
      const onRows = (more: readonly unknown[]) => rows.add(more);
      const result = await client.call(method, params, { onRows });
      return rows.completeWith(result);
    } catch (error) {
      // A daemon that hangs: connecting anew finds out when it is back.
      if (error instanceof DaemonUnreachable && this.#client === client) {
        this.#lost(error.message);
        void client.close();
      }
      throw error;
    }
  }

  async #follow(signal: AbortSignal, onConnected: () => void): Promise<void> {
    const client = await this.#options.connect();
    const close = () => void client.close();
    signal.addEventListener("abort", close, { once: true });
    try {
      if (signal.aborted) return;
      const events = client.watch();
      const first = events.next();
      first.catch(() => {});
      // Requests are answered in turn: now it follows.
      await client.call("localhost", {});
      this.#client = client;
      this.#options.onState(null);
      onConnected();
      for (let next = await first; !next.done; next = await events.next()) {
        this.#options.onEvent(next.value);
      }
    } finally {
      signal.removeEventListener("abort", close);
      await client.close();
    }
  }

  #lost(problem: string): void {
    const isNew = this.#client !== null || problem !== this.#problem;
    this.#client = null;
    this.#problem = problem;
    if (isNew) this.#options.onState(problem);
  }
}

/** Nobody can be asked; the message says why. */
class LinkDown extends Error {
  override readonly name = "LinkDown";
}

/** More than is kept in memory for browsers. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

/** The beginning of a long list, as it arrives. */
class BoundedRows {
  #rows: unknown[] = [];
  #isTooLong = false;

  add(more: readonly unknown[]): void {
    this.#isTooLong ||= this.#rows.length + more.length > MAX_KEPT_ROWS;
    if (this.#isTooLong) this.#rows = [];
    else for (const row of more) this.#rows.push(row);
  }

  completeWith<Result>(result: Result): Result {
    if (!Array.isArray(result)) return result;
    this.add(result);
    if (!this.#isTooLong) return this.#rows as Result;
    throw new TooLong(`there are more than ${MAX_KEPT_ROWS} rows`);
  }
}
