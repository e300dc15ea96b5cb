/** What may be spent at once, and then each second. */
export interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

/** What may be spent. More than it holds may be taken from a full one, which then owes it. */
export class Purse {
  readonly #allowance: Allowance;
  #holds: number;
  #at = -Infinity;

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
    this.#holds = allowance.burst;
  }

  /** What it holds now. */
  at(now: number): number {
    const { burst, perSecond } = this.#allowance;
    const gained = (now - this.#at) / 1_000 * perSecond;
    this.#holds = Math.min(burst, this.#holds + gained);
    this.#at = now;
    return this.#holds;
  }

  mayPay(cost: number, now: number): boolean {
    return this.at(now) >= Math.min(cost, this.#allowance.burst);
  }

  spend(cost: number): void {
    this.#holds -= cost;
  }

  earn(amount: number): void {
    this.#holds = Math.min(this.#allowance.burst, this.#holds + amount);
  }
}
