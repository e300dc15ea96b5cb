interface ReaderBudgetOptions {
  /** Share of a processor that all clients of the read-only socket may take. */
  readonly share: number;
  /** Processor time, in ms, that they may take at once after some silence. */
  readonly burstMs: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

/**
 * Bounds the processor time for the clients of the read-only socket, which may
 * be any user of the host: one piece of work at a time, in order of arrival,
 * and none before the time of those before it is paid for. So the owner is
 * answered at once, whatever they ask.
 */
export class ReaderBudget {
  readonly #options: ReaderBudgetOptions;
  /** The last piece of work that was asked for. */
  #last: Promise<unknown> = Promise.resolve();
  #leftMs: number;
  #at: number;
  #delayed = 0;
  #isOver = false;
  #stopWaiting = () => {};

  constructor(options: ReaderBudgetOptions) {
    this.#options = options;
    this.#leftMs = options.burstMs;
    this.#at = options.now();
  }

  /** Pieces of work that had to wait until earlier ones were paid for. */
  get delayed(): number {
    return this.#delayed;
  }

  /** Does a piece of work when its turn comes, and counts its time. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#runNow(work));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Counts other work for these clients, and settles when it is paid for. */
  async pay(ms: number): Promise<void> {
    this.#charge(ms);
    if (this.#debtMs > 0) await this.run(() => Promise.resolve());
  }

  /** Lets nobody wait any more. */
  end(): void {
    this.#isOver = true;
    this.#stopWaiting();
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#stopWaiting = resolve;
    await promise;
    clearTimeout(timer);
  }

  async #runNow<T>(work: () => Promise<T>): Promise<T> {
    if (this.#debtMs > 0) {
      this.#delayed++;
      while (this.#debtMs > 0 && !this.#isOver) {
        await this.#pause(Math.ceil(this.#debtMs / this.#options.share));
      }
    }
    const { now } = this.#options;
    const startedAt = now();
    try {
      return await work();
    } finally {
      this.#charge(now() - startedAt);
    }
  }

  /** Processor time that was taken and is not paid for. */
  get #debtMs(): number {
    this.#charge(0);
    return -this.#leftMs;
  }

  #charge(ms: number): void {
    const { now, share, burstMs } = this.#options;
    const at = now();
    const earned = Math.max(0, at - this.#at) * share;
    this.#leftMs = Math.min(burstMs, this.#leftMs + earned) -
      Math.min(ms, MOST_MS);
    this.#at = at;
  }
}

/** No piece of work takes longer; a suspended daemon would seem to. */
const MOST_MS = 2_000;
