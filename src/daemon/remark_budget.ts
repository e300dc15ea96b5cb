import type { Remark } from "../inventory/remark.ts";
import { type Rate, TokenBucket } from "../peer/token_bucket.ts";

/** Of a host where remarks were made. */
const OF_ONE: Rate = { perSecond: 1, burst: 30 };
const OF_ALL: Rate = { perSecond: 10, burst: 300 };

/** Hosts remembered. */
const MAX_AUTHORS = 1_000;

/**
 * How many remarks of other hosts are told one by one, in the log and to those
 * who watch. A host that was off hears thousands at once, and a liar makes as
 * many as he can.
 */
export class RemarkBudget {
  readonly #all = new TokenBucket(OF_ALL);
  readonly #authors = new Map<string, TokenBucket>();
  #leftOut = 0;

  /** Whether it may be told; `leftOut` is the number of those that were not, before it. */
  take({ by }: Remark, now: number): { readonly leftOut: number } | null {
    const own = this.#authors.get(by) ?? new TokenBucket(OF_ONE);
    this.#authors.delete(by);
    this.#authors.set(by, own);
    if (this.#authors.size > MAX_AUTHORS) {
      const [oldest] = this.#authors.keys();
      this.#authors.delete(oldest!);
    }
    if (!own.take(now) || !this.#all.take(now)) {
      this.#leftOut++;
      return null;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return { leftOut };
  }
}
