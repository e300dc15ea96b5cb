import {
  DEFAULT_RATE_LIMITS,
  type RateLimits,
} from "../../src/peer/rate_limiter.ts";
import type { Rate } from "../../src/peer/token_bucket.ts";

/** Other limits of datagrams; those of a daemon where none are given. */
export function rateLimits(
  { each, strangers, sources = DEFAULT_RATE_LIMITS.sources }: {
    /** Of each sender. */
    readonly each: Rate;
    /** Of all strangers together. */
    readonly strangers: Rate;
    readonly sources?: number;
  },
): RateLimits {
  const { known, strangers: others } = DEFAULT_RATE_LIMITS;
  return {
    ...DEFAULT_RATE_LIMITS,
    known: { ...known, datagrams: { ...known.datagrams, each } },
    strangers: { ...others, datagrams: { each, all: strangers } },
    sources,
  };
}

/** No limits. */
export const UNLIMITED: RateLimits = (() => {
  const rate = { perSecond: 1e9, burst: 1e9 };
  const none = { each: rate, all: rate };
  const all = {
    datagrams: none,
    yamlBytes: none,
    verifications: none,
    time: none,
  };
  return { ...DEFAULT_RATE_LIMITS, known: all, strangers: all, reserve: rate };
})();
