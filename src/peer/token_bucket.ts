/** A number of tokens per second on average, and a burst after some silence. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Admits events at a rate. An event may cost more than there is, and is paid
 * off afterwards: so the average holds for events of any size.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at = -Infinity;

  constructor({ perSecond, burst }: Rate) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether another event may pass now; takes its cost if so. */
  take(now: number, cost = 1): boolean {
    if (!this.hasRoom(now)) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Whether another event may pass now. */
  hasRoom(now: number): boolean {
    const gained = (now - this.#at) * this.#perMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#at = now;
    return this.#tokens >= LEAST;
  }

  /** Takes what an event cost that has passed already. */
  charge(now: number, cost: number): void {
    this.hasRoom(now);
    this.#tokens -= cost;
  }
}

/** Sums of rounded numbers may miss a whole token by a little. */
const LEAST = 1 - 1e-9;
