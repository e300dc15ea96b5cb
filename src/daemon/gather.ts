/** After a quiet time the first sign is acted on at once; while signs go on, actions are this far apart, a step further each time. */
const PAUSES_MS = [0, 20, 50, 100, 200, 400] as const;

/** Without an action for this long, a burst of signs is over. */
const QUIET_MS = 1_000;

/**
 * Turns a burst of signs into few actions: twenty-four disks that appear
 * together are looked for a few times and not twenty-four times, and yet the
 * first is not held back by the last. Never two actions at once; a sign that
 * comes during one is acted on after it.
 */
export class Gather {
  readonly #act: () => Promise<void>;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #acting = false;
  #wanted = false;
  #stopped = false;
  #step = 0;
  #endedAt = -Infinity;

  /** `act` must not reject; `now` is monotonic ms. */
  constructor(act: () => Promise<void>, now: () => number) {
    this.#act = act;
    this.#now = now;
  }

  sign(): void {
    if (this.#wanted || this.#stopped) return;
    this.#wanted = true;
    if (!this.#acting) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const quietMs = this.#now() - this.#endedAt;
    if (quietMs >= QUIET_MS) this.#step = 0;
    const waitMs = PAUSES_MS[this.#step]! - quietMs;
    if (waitMs <= 0) void this.#run();
    else this.#timer = setTimeout(() => void this.#run(), waitMs);
  }

  async #run(): Promise<void> {
    this.#wanted = false;
    this.#acting = true;
    await this.#act();
    this.#acting = false;
    this.#endedAt = this.#now();
    this.#step = Math.min(this.#step + 1, PAUSES_MS.length - 1);
    if (this.#wanted && !this.#stopped) this.#schedule();
  }
}
