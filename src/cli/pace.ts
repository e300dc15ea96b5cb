export interface PaceOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/** When to do something again: soon after something happened, but not at once each time; and from time to time when nothing did. */
export class Pace {
  readonly #options: PaceOptions;
  #isHurried = false;
  #isOver = false;
  #wake = () => {};

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Something happened. */
  hurry(): void {
    this.#isHurried = true;
    this.#wake();
  }

  /** Whoever waits is not to go on. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Waits for `minMs`, then until something has happened, but no longer than `maxMs` in all. Whether to go on. */
  async next(): Promise<boolean> {
    const { minMs, maxMs } = this.#options;
    await this.#wait(minMs, () => this.#isOver);
    await this.#wait(maxMs - minMs, () => this.#isOver || this.#isHurried);
    this.#isHurried = false;
    return !this.#isOver;
  }

  async #wait(ms: number, isEnough: () => boolean): Promise<void> {
    if (isEnough()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = () => {
      if (isEnough()) resolve();
    };
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }
}
