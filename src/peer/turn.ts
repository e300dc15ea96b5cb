import type { Air } from "./air.ts";

/** After joining, the first word waits up to this long, since many hosts may have got their power back at once. RFC 6762, 8.1, waits likewise. */
export const START_WAIT_MS = 250;

/** Whoever finds the LAN busy waits at most this long, then twice as long each time up to one of the maxima, and at least half of that: who has news gets his turn sooner. */
export const HOLD_BACK_MS = { first: 100, news: 800, other: 6_400 } as const;

/** Whether this host may speak now, or holds back because the LAN is busy. */
export class Turn {
  readonly #air: Air;
  readonly #random: () => number;
  #longestMs: number = HOLD_BACK_MS.first;
  #waitingSince: number | null = null;
  #retryAt = -Infinity;

  constructor(air: Air, random: () => number) {
    this.#air = air;
    this.#random = random;
  }

  /** Before this nothing is to be said. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** We have just come to the LAN. */
  start(now: number): void {
    this.#retryAt = now + this.#random() * START_WAIT_MS;
  }

  /**
   * To be called when there is something to say: whether to say it now. Else
   * it is to be called again at `retryAt`. At `latest` it is true in any case.
   */
  take(
    now: number,
    { isNews, latest }: { isNews: boolean; latest: (since: number) => number },
  ): boolean {
    if (now < this.#retryAt) return false;
    this.#waitingSince ??= now;
    if (!this.#air.isBusy(now)) return this.#comes();
    const until = latest(this.#waitingSince);
    if (now >= until) return this.#comes();
    const max = isNews ? HOLD_BACK_MS.news : HOLD_BACK_MS.other;
    const longestMs = Math.min(this.#longestMs, max);
    const waitMs = longestMs * (1 + this.#random()) / 2;
    this.#retryAt = Math.min(now + waitMs, until);
    this.#longestMs = 2 * longestMs;
    return false;
  }

  #comes(): true {
    this.#waitingSince = null;
    this.#longestMs = HOLD_BACK_MS.first;
    return true;
  }
}
