/**
 * Limits the unproven datagrams we read. The datagrams of a flooding address
 * are dropped before they cost anything, and other hosts are heard as before.
 * An attacker can forge many addresses, so all addresses without a listed,
 * running host share another limit.
 */

export interface RateLimits {
  /**
   * Datagrams from an address per second. A list of 4,000 disks arrives faster,
   * but fits into the burst.
   */
  readonly datagramsPerSource: number;
  /** Datagrams from an address at once. */
  readonly burstPerSource: number;
  /** Datagrams per second from all addresses without a listed, running host. */
  readonly datagramsOfStrangers: number;
  /** Addresses remembered. */
  readonly sources: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  datagramsPerSource: 1_000,
  burstPerSource: 4_096,
  datagramsOfStrangers: 10_000,
  sources: 20_000,
};

/** A flood ends when none of its datagrams was dropped for this long. */
export const FLOOD_OVER_MS = 10_000;

/** Time between checks whether a running host has an address. */
const LOOK_MS = 1_000;

/** Most addresses named at once. */
const MAX_NAMED = 3;

/** Why a datagram is not read. */
type Excess = "too-fast" | "too-many";

interface Source {
  readonly bucket: TokenBucket;
  readonly flood: Flood;
  isStranger: boolean;
  lookedAt: number;
}

export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #isUpAt: (address: string) => boolean;
  readonly #strangers: TokenBucket;
  readonly #strangersFlood = new Flood();
  /** Half of the remembered sources: those heard since the other half was full. */
  #recent = new Map<string, Source>();
  #before = new Map<string, Source>();

  /** `isUpAt` tells whether a listed, running host has an address. */
  constructor(limits: RateLimits, isUpAt: (address: string) => boolean) {
    this.#limits = limits;
    this.#isUpAt = isUpAt;
    this.#strangers = new TokenBucket({
      perSecond: limits.datagramsOfStrangers,
      burst: limits.datagramsOfStrangers,
    });
  }

  /** Counts a datagram from this address. Returns why it must not be read, or `null`. */
  take(address: string, now: number): Excess | null {
    const known = this.#find(address);
    // Only admitted addresses are remembered: forged ones are endless.
    if (known === undefined) return this.#takeFirst(address, now);
    if (!known.bucket.take(now)) {
      known.flood.dropped(now);
      return "too-fast";
    }
    if (now - known.lookedAt >= LOOK_MS) {
      known.isStranger = !this.#isUpAt(address);
      known.lookedAt = now;
    }
    return known.isStranger ? this.#takeOfStranger(now) : null;
  }

  /** The addresses flooding us now, a sentence each. */
  problems(now: number): string[] {
    const floods = [...this.#before, ...this.#recent]
      .filter(([, { flood }]) => flood.goesOn(now))
      .sort(([, a], [, b]) => b.flood.count - a.flood.count);
    const problems = floods.slice(0, MAX_NAMED)
      .map(([address, { flood }]) => this.#sayFlood(address, flood));
    if (floods.length > MAX_NAMED) {
      problems.push(`${floods.length - MAX_NAMED} more addresses do the same`);
    }
    if (this.#strangersFlood.goesOn(now)) problems.push(this.#sayStrangers());
    return problems;
  }

  #takeFirst(address: string, now: number): Excess | null {
    const isStranger = !this.#isUpAt(address);
    const excess = isStranger ? this.#takeOfStranger(now) : null;
    if (excess !== null) return excess;
    const { datagramsPerSource, burstPerSource } = this.#limits;
    const bucket = new TokenBucket({
      perSecond: datagramsPerSource,
      burst: burstPerSource,
    });
    bucket.take(now);
    const flood = new Flood();
    this.#keep(address, { bucket, flood, isStranger, lookedAt: now });
    return null;
  }

  #takeOfStranger(now: number): Excess | null {
    if (this.#strangers.take(now)) return null;
    this.#strangersFlood.dropped(now);
    return "too-many";
  }

  #find(address: string): Source | undefined {
    const recent = this.#recent.get(address);
    if (recent !== undefined) return recent;
    const before = this.#before.get(address);
    if (before !== undefined) this.#keep(address, before);
    return before;
  }

  /** Dropping half of them at once is cheaper than finding the oldest each time. */
  #keep(address: string, source: Source): void {
    if (this.#recent.size >= this.#limits.sources / 2) {
      this.#before = this.#recent;
      this.#recent = new Map();
    }
    this.#before.delete(address);
    this.#recent.set(address, source);
  }

  #sayFlood(address: string, { count }: Flood): string {
    return `${address} floods this host with more than ` +
      `${this.#limits.datagramsPerSource} datagrams a second; ` +
      `${count} were dropped, and its announcements may be lost`;
  }

  #sayStrangers(): string {
    return "Addresses without a known, running host send more than " +
      `${this.#limits.datagramsOfStrangers} datagrams a second, ` +
      `perhaps forged; ${this.#strangersFlood.count} were ` +
      "dropped, so a new host may be missed";
  }
}

/** Counts the dropped datagrams of a flood. */
class Flood {
  #count = 0;
  #at = -Infinity;

  get count(): number {
    return this.#count;
  }

  dropped(now: number): void {
    this.#count = this.goesOn(now) ? this.#count + 1 : 1;
    this.#at = now;
  }

  goesOn(now: number): boolean {
    return now - this.#at < FLOOD_OVER_MS;
  }
}

/** Admits a number of events per second on average, and a burst after some silence. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at = -Infinity;

  constructor({ perSecond, burst }: { perSecond: number; burst: number }) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether another event may pass now. */
  take(now: number): boolean {
    const gained = (now - this.#at) * this.#perMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
