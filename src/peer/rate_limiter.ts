import { isV1HostId } from "../inventory/host.ts";
import { type Rate, TokenBucket } from "./token_bucket.ts";

/**
 * Limits what the datagrams of others cost: by sender, and for all senders
 * together. A flood is refused before it costs anything, and other hosts are
 * heard as before.
 *
 * An attacker can forge many addresses. So senders that are no listed, running
 * host share a budget, the strangers', which leaves alone that of known hosts;
 * and each known host has a reserve that nobody else can use up.
 */

/** What a datagram costs. */
type Cost =
  /** Being read: a datagram of up to `DATAGRAM_UNIT_BYTES` bytes is one. */
  | "datagrams"
  /** Bytes of YAML to be parsed; a list counts as `LEAST_YAML_BYTES` at least. */
  | "yamlBytes"
  /** Signatures to be verified. */
  | "verifications"
  /** Milliseconds of processing, measured. */
  | "time";

/** Who sent a datagram, as far as it is known. */
export interface Origin {
  readonly address: string;
  /** The host it says it is from; `null` if it says none, or if that is not read yet. */
  readonly id: string | null;
  /** Whether it came through a hub, which lets nobody speak for others. Default: no. */
  readonly isOfHub?: boolean;
}

interface ClassLimits {
  /** Each sender. */
  readonly each: Rate;
  /** All of them together. */
  readonly all: Rate;
}

export interface RateLimits {
  /** Senders whose id is that of a listed, running host with their address. */
  readonly known: Readonly<Record<Cost, ClassLimits>>;
  /** All other senders, by address. Known hosts of 0.01 have the same, apart from these. */
  readonly strangers: Readonly<Record<Cost, ClassLimits>>;
  /** Datagrams of a known host that are admitted though the budget of all is used up. */
  readonly reserve: Rate;
  /** Refused datagrams of a sender, above which it is named. */
  readonly refusals: Rate;
  /** Senders remembered. */
  readonly sources: number;
}

/** A longer datagram counts as several. It is the longest that diskd sends. */
export const DATAGRAM_UNIT_BYTES = 1_152;

/** With it `yamlBytes` also limits the number of lists, to 20 a second. */
export const LEAST_YAML_BYTES = 3_277;

/** Parsing takes up to 330 ns a byte: 2 % of a core for a sender, 8 % for all. */
const YAML: ClassLimits = {
  each: { perSecond: 65_536, burst: 131_072 },
  all: { perSecond: 262_144, burst: 524_288 },
};

export const DEFAULT_RATE_LIMITS: RateLimits = {
  known: {
    // As many as can be read: an attacker who forges the address of a host and
    // repeats its datagrams pays with those, not with its other budgets.
    datagrams: {
      each: { perSecond: 20_000, burst: 20_000 },
      all: { perSecond: 40_000, burst: 40_000 },
    },
    yamlBytes: YAML,
    verifications: {
      each: { perSecond: 500, burst: 4_096 },
      all: { perSecond: 1_500, burst: 6_000 },
    },
    time: {
      each: { perSecond: 100, burst: 2_000 },
      all: { perSecond: 250, burst: 5_000 },
    },
  },
  strangers: {
    // A list of 4,000 disks arrives faster, but fits into the burst.
    datagrams: {
      each: { perSecond: 1_000, burst: 4_096 },
      all: { perSecond: 10_000, burst: 10_000 },
    },
    yamlBytes: YAML,
    verifications: {
      each: { perSecond: 100, burst: 1_024 },
      all: { perSecond: 500, burst: 2_048 },
    },
    time: {
      each: { perSecond: 50, burst: 1_000 },
      all: { perSecond: 200, burst: 4_000 },
    },
  },
  reserve: { perSecond: 0.2, burst: 20 },
  refusals: { perSecond: 100, burst: 1_000 },
  sources: 20_000,
};

/**
 * Of all hosts of a hub together: a list of each of 10,000 hosts, which take 2 s
 * to take in, comes at once after a connection.
 */
const OF_HUB = {
  datagrams: {
    each: DEFAULT_RATE_LIMITS.known.datagrams.each,
    all: { perSecond: 40_000, burst: 200_000 },
  },
  verifications: {
    each: DEFAULT_RATE_LIMITS.known.verifications.each,
    all: { perSecond: 5_000, burst: 200_000 },
  },
  time: {
    each: DEFAULT_RATE_LIMITS.known.time.each,
    all: { perSecond: 400, burst: 30_000 },
  },
} as const;

/** No datagram takes longer; a suspended daemon would seem to. */
const MOST_TIME_MS = 1_000;

/** A flood ends when nothing more was counted for this long. */
export const FLOOD_OVER_MS = 10_000;

/** Most senders named at once. */
const MAX_NAMED = 3;

/** Why a datagram is dropped. */
type Excess =
  /** Its sender sends too many. */
  | "too-fast"
  /** Those of its sender cost too much. */
  | "too-costly"
  /** All senders like this one send too many, or cost too much. */
  | "too-many";

/** What a sender is named for. */
type Offence = "too-fast" | "too-costly" | "refused";

/** `unproven`: known hosts of 0.01, whose address anybody can forge. */
type Class = "known" | "unproven" | "strangers" | "hub";

interface Source {
  readonly of: Class;
  /** Its address, or network. */
  name: string;
  readonly buckets: Partial<Record<Cost | "reserve" | "refusals", TokenBucket>>;
  readonly floods: Partial<Record<Offence, Flood>>;
}

export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #isUpAs: (id: string, address: string) => boolean;
  readonly #all: Readonly<Record<Class, Pool>>;
  /** Half of the remembered senders: those heard since the other half was full. */
  #recent = new Map<string, Source>();
  #before = new Map<string, Source>();

  /** `isUpAs` tells whether a listed, running host has this id and this address. */
  constructor(
    limits: RateLimits,
    isUpAs: (id: string, address: string) => boolean,
  ) {
    this.#limits = limits;
    this.#isUpAs = isUpAs;
    this.#all = {
      known: new Pool(limits.known),
      unproven: new Pool(limits.strangers),
      strangers: new Pool(limits.strangers),
      hub: new Pool({ ...limits.known, ...OF_HUB }),
    };
  }

  /**
   * Counts a datagram. Returns why it must not be read any further, or `null`.
   * Costs nothing worth mentioning.
   */
  take(
    origin: Origin,
    { bytes, now }: { readonly bytes: number; readonly now: number },
  ): Excess | null {
    const source = this.#find(origin);
    const amount = Math.max(1, Math.ceil(bytes / DATAGRAM_UNIT_BYTES));
    if (!this.#bucket(source, "time").hasRoom(now)) {
      return drop(source, "too-costly", now);
    }
    if (!this.#bucket(source, "datagrams").take(now, amount)) {
      return drop(source, "too-fast", now);
    }
    const { buckets, flood } = this.#all[source.of];
    // Only admitted senders are remembered: forged addresses are endless.
    if (buckets.time.hasRoom(now) && buckets.datagrams.take(now, amount)) {
      return this.#admit(origin, source);
    }
    if (this.#hasReserve(source, now)) return this.#admit(origin, source);
    flood.note(now);
    return "too-many";
  }

  /**
   * Takes a further cost of a datagram. Returns why the datagram must be
   * dropped instead, or `null`.
   */
  spend(
    origin: Origin,
    cost: "yamlBytes" | "verifications",
    { amount = 1, now }: { readonly amount?: number; readonly now: number },
  ): Excess | null {
    const source = this.#find(origin);
    const taken = Math.max(amount, LEAST[cost]);
    if (!this.#bucket(source, cost).take(now, taken)) {
      return drop(source, "too-costly", now);
    }
    const { buckets, flood } = this.#all[source.of];
    if (buckets[cost].take(now, taken)) return this.#admit(origin, source);
    if (this.#hasReserve(source, now)) return this.#admit(origin, source);
    flood.note(now);
    return "too-many";
  }

  /** Records how long an admitted datagram was processed. */
  processed(
    origin: Origin,
    { ms, now }: { readonly ms: number; readonly now: number },
  ): void {
    const source = this.#find(origin);
    const charged = Math.min(ms, MOST_TIME_MS);
    this.#bucket(source, "time").charge(now, charged);
    this.#all[source.of].buckets.time.charge(now, charged);
    this.#admit(origin, source);
  }

  /** Records that a datagram was refused, for whatever reason. */
  refused(origin: Origin, now: number): void {
    const source = this.#find(origin);
    if (this.#bucket(source, "refusals").take(now)) return;
    drop(source, "refused", now);
  }

  /** The senders that flood us now, a sentence each. */
  problems(now: number): string[] {
    const floods = [...this.#before.values(), ...this.#recent.values()]
      .map((source) => floodOf(source, now))
      .filter((flood) => flood !== null)
      .sort((a, b) => b.count - a.count);
    const problems = floods.slice(0, MAX_NAMED)
      .map((flood) => this.#sayFlood(flood));
    if (floods.length > MAX_NAMED) {
      problems.push(`${floods.length - MAX_NAMED} more addresses do the same`);
    }
    return [...problems, ...this.#sayPools(now)];
  }

  #bucket(source: Source, cost: keyof Source["buckets"]): TokenBucket {
    return source.buckets[cost] ??= new TokenBucket(
      cost === "reserve" || cost === "refusals"
        ? this.#limits[cost]
        : this.#limitsOf(source)[cost].each,
    );
  }

  #limitsOf({ of }: Source): RateLimits["known" | "strangers"] {
    return of === "known" || of === "hub"
      ? this.#limits.known
      : this.#limits.strangers;
  }

  #hasReserve(source: Source, now: number): boolean {
    const isKept = source.of === "known" || source.of === "hub";
    return isKept && this.#bucket(source, "reserve").take(now);
  }

  /** What is known of a sender; not remembered if it is new. */
  #find({ id, address, isOfHub = false }: Origin): Source {
    if (isOfHub) {
      const key = `hub ${id}`;
      return this.#recent.get(key) ?? this.#recall(key) ??
        { of: "hub", name: key, buckets: {}, floods: {} };
    }
    const isKnown = id !== null && this.#isUpAs(id, address);
    const key = isKnown ? id : networkOf(address);
    const source = this.#recent.get(key) ?? this.#recall(key);
    const of = isKnown ? isV1HostId(id) ? "unproven" : "known" : "strangers";
    if (source?.of !== of) {
      const name = isKnown ? address : key;
      return { of, name, buckets: {}, floods: {} };
    }
    if (isKnown) source.name = address;
    return source;
  }

  #admit({ id }: Origin, source: Source): null {
    const isByName = source.of === "strangers" || source.of === "hub";
    this.#keep(isByName ? source.name : id!, source);
    return null;
  }

  #recall(key: string): Source | undefined {
    const source = this.#before.get(key);
    if (source !== undefined) this.#keep(key, source);
    return source;
  }

  /** Dropping half of them at once is cheaper than finding the oldest each time. */
  #keep(key: string, source: Source): void {
    if (this.#recent.get(key) === source) return;
    if (this.#recent.size >= this.#limits.sources / 2) {
      this.#before = this.#recent;
      this.#recent = new Map();
    }
    this.#before.delete(key);
    this.#recent.set(key, source);
  }

  #sayFlood({ source, offence, count }: NamedFlood): string {
    const { datagrams } = this.#limitsOf(source);
    const { refusals } = this.#limits;
    switch (offence) {
      case "too-fast":
        return `${source.name} floods this host with more than ` +
          `${datagrams.each.perSecond} datagrams a second; ` +
          `${count} were dropped, and its announcements may be lost`;
      case "too-costly":
        return `${source.name} sends announcements that take this host too ` +
          `long to process; ${count} were dropped, and its disks may be out ` +
          "of date";
      case "refused":
        return `${source.name} floods this host with more than ` +
          `${refusals.perSecond} datagrams a second that are refused; ` +
          `${count} so far`;
    }
  }

  #sayPools(now: number): string[] {
    const { known, unproven, strangers, hub } = this.#all;
    const { perSecond } = this.#limits.strangers.datagrams.all;
    const problems: string[] = [];
    if (strangers.flood.goesOn(now)) {
      problems.push(
        "Addresses without a known, running host send more than " +
          `${perSecond} datagrams a second, or such that take too long to ` +
          `process, perhaps forged; ${strangers.flood.count} were dropped, so ` +
          "a new host may be missed",
      );
    }
    if (unproven.flood.goesOn(now)) {
      problems.push(
        "The hosts of 0.01 together, or addresses that are forged, send more " +
          `than this host can process; ${unproven.flood.count} datagrams were ` +
          "dropped, and their disks may be out of date",
      );
    }
    if (hub.flood.goesOn(now)) {
      problems.push(
        "The hosts of the hub together send more than this host can process; " +
          `${hub.flood.count} datagrams were dropped, and their disks may be ` +
          "out of date",
      );
    }
    if (known.flood.goesOn(now)) {
      problems.push(
        "The known hosts together send more than this host can process; " +
          `${known.flood.count} datagrams were dropped, and disks may be out ` +
          "of date",
      );
    }
    return problems;
  }
}

const LEAST = { yamlBytes: LEAST_YAML_BYTES, verifications: 1 } as const;

/** The budgets of all senders of a class together. */
class Pool {
  readonly buckets: Readonly<Record<Cost, TokenBucket>>;
  readonly flood = new Flood();

  constructor(limits: RateLimits["known" | "strangers"]) {
    const bucketOf = (cost: Cost) => new TokenBucket(limits[cost].all);
    this.buckets = {
      datagrams: bucketOf("datagrams"),
      yamlBytes: bucketOf("yamlBytes"),
      verifications: bucketOf("verifications"),
      time: bucketOf("time"),
    };
  }
}

interface NamedFlood {
  readonly source: Source;
  readonly offence: Offence;
  readonly count: number;
}

function drop<O extends Offence>(source: Source, offence: O, now: number): O {
  (source.floods[offence] ??= new Flood()).note(now);
  return offence;
}

/** What a sender is named for; `null` if it does not flood us now. */
function floodOf(source: Source, now: number): NamedFlood | null {
  for (const offence of ["too-fast", "too-costly", "refused"] as const) {
    const flood = source.floods[offence];
    if (flood?.goesOn(now)) return { source, offence, count: flood.count };
  }
  return null;
}

/**
 * The network of an IPv6 address: whoever has one of it has 2^64 (RFC 4291,
 * 2.5.4). A link-local address, like an IPv4 address, stands for itself.
 */
function networkOf(address: string): string {
  if (!address.includes(":") || LINK_LOCAL.test(address)) return address;
  const [before = "", after] = address.split("::");
  const start = groupsOf(before);
  const end = groupsOf(after ?? "");
  const zeros = Array.from(
    { length: 8 - start.length - end.length },
    () => "0",
  );
  const groups = after === undefined ? start : [...start, ...zeros, ...end];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

const LINK_LOCAL = /^fe[89ab]/i;

/** Counts what is dropped of a flood. */
class Flood {
  #count = 0;
  #at = -Infinity;

  get count(): number {
    return this.#count;
  }

  note(now: number): void {
    this.#count = this.goesOn(now) ? this.#count + 1 : 1;
    this.#at = now;
  }

  goesOn(now: number): boolean {
    return now - this.#at < FLOOD_OVER_MS;
  }
}
