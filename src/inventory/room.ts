import type { Disk } from "./disk.ts";
import type { KnownHost } from "./known_host.ts";
import {
  addWeights,
  type Forgotten,
  type Front,
  frontOf,
  type InventoryLimits,
  isWithinLimits,
  NO_WEIGHT,
  subtractWeights,
  weigh,
  weighDisk,
  type Weight,
} from "./limits.ts";
import { HOPELESS_MS, RefusedHosts } from "./shortage.ts";
import type { SilentHosts } from "./silent_hosts.ts";
import {
  byStanding,
  claimsOf,
  type MemoryClaim,
  quotaFactor,
  sourceOfAddress,
  sourceOfHost,
  TIER,
  wasLongUp,
  type Yielding,
  yieldsTo,
} from "./standing.ts";

/** Until a list that was cut for want of room is read anew, or makes room again. */
export const REREAD_MS = 10_000;

interface RoomParts {
  readonly limits: InventoryLimits;
  readonly forgotten: Forgotten;
  readonly self: KnownHost;
  readonly silent: SilentHosts;
  /** All known hosts, in the order in which they became known. */
  readonly hosts: () => Iterable<KnownHost>;
  readonly hostCount: () => number;
  readonly hostsOf: (source: string) => Iterable<KnownHost>;
  readonly letGo: (host: KnownHost) => void;
}

/**
 * The memory for hosts and their disks, and who gives it up for whom: first the
 * newcomers that are silent, then hosts whose source takes the most. Hosts that
 * are known for long and within their quota lose nothing to newcomers.
 */
export class Room {
  /** Whether an address is in a network of ours. */
  isNear: (address: string) => boolean = () => true;
  readonly refused = new RefusedHosts();
  readonly #parts: RoomParts;
  /** Of all hosts together. */
  #weight = NO_WEIGHT;
  /** Of those that prove nothing. */
  #unproven = NO_WEIGHT;
  /** No newcomer that wants so much or more gets room. */
  #hopeless = { until: -Infinity, burden: 0 };

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** The part of a host's list that fits, after others made room for it. */
  fit(host: KnownHost, disks: readonly Disk[], now: number): Front {
    const { limits, self, forgotten } = this.#parts;
    const own = frontOf(disks, weightPerHost(limits));
    let front = own;
    if (host !== self) {
      front = within(front, this.#quotaOf(host, front.weight));
      this.#makeRoomFor(host, front, now);
      front = within(front, this.#roomFor(host));
    } else this.#makeRoomFor(host, front, now);
    const cut = disks.length - front.disks.length;
    forgotten.disks += Math.max(0, cut - host.cut);
    host.cut = cut;
    host.lacksRoom = front !== own;
    host.retryAt = now + REREAD_MS;
    return front;
  }

  /** What the hosts of its source that are known for longer leave to a host, but not less than a little. */
  #quotaOf(host: KnownHost, wanted: Weight): Weight {
    const { limits, hostsOf } = this.#parts;
    const least = scale(weightPerHost(limits), LEAST_SHARE);
    // Most lists are so short, and a site may have thousands of hosts.
    if (isWithinLimits(wanted, least)) return least;
    const source = sourceOfHost(host);
    const quota = scale(weightPerHost(limits), quotaFactor(source));
    const isKnown = wasLongUp(host);
    let left = quota;
    for (const other of hostsOf(source)) {
      const isBefore = other !== host && wasLongUp(other) >= isKnown &&
        (wasLongUp(other) > isKnown || other.knownSince <= host.knownSince);
      if (isBefore) left = subtractWeights(left, other.weight);
    }
    return {
      disks: Math.max(left.disks, least.disks),
      bytes: Math.max(left.bytes, least.bytes),
    };
  }

  /** Replaces a host's list, with the times since when each disk is there. */
  setDisks(
    host: KnownHost,
    { disks, weight }: Pick<Front, "disks" | "weight">,
    since: readonly number[],
  ): void {
    this.#count(host, subtractWeights(weight, host.weight));
    host.disks = disks;
    host.weight = weight;
    host.since = since;
  }

  /** A host signed what it said, for the first time. */
  proved(host: KnownHost): void {
    const { weight } = host;
    this.#count(host, subtractWeights(NO_WEIGHT, weight));
    host.isProven = true;
    this.#count(host, weight);
  }

  /** A host is dropped. */
  released(host: KnownHost): void {
    this.#count(host, subtractWeights(NO_WEIGHT, host.weight));
  }

  /** Makes room for another host at this address. Returns whether there is room. */
  admits(address: string, { count, now }: {
    /** Hosts at the address. */
    readonly count: number;
    readonly now: number;
  }): boolean {
    const { limits, hosts, self, silent, letGo } = this.#parts;
    if (this.#parts.hostCount() < limits.hosts) return true;
    const [gone] = silent.newcomers();
    if (gone !== undefined) {
      letGo(gone);
      return true;
    }
    const source = sourceOfAddress(address);
    const tier = this.isNear(address) ? TIER.near : TIER.far;
    const kind = `${tier} ${source === address ? count : source}`;
    if (this.refused.isHopeless(kind, now)) {
      this.refused.note(address, { now });
      return false;
    }
    const claims = claimsOf({
      hosts: [...hosts()].filter((host) => host !== self),
      now,
      isNear: this.isNear,
      shareOf: () => 1,
      quota: limits.hostsPerAddress,
    });
    const burden = claims.filter((claim) => claim.source === source).length + 1;
    const [victim] = claims
      .filter((claim) => yieldsTo(claim, { tier, burden }))
      .sort(byStanding);
    if (victim === undefined) {
      this.refused.note(address, { now, kind });
      return false;
    }
    letGo(victim.host);
    return true;
  }

  /** Makes room for a list, or for a half, a quarter and so on: more hosts yield to less. */
  #makeRoomFor(host: KnownHost, { disks, weight }: Front, now: number): void {
    if (this.#hasRoom(host, weight)) return;
    if (host.lacksRoom && now < host.retryAt) return;
    if (this.#drops(this.#parts.silent.newcomers(), host, weight)) return;
    const least = this.#shareOf(weigh(disks.slice(0, 1)));
    const isHopeless = now < this.#hopeless.until &&
      least >= this.#hopeless.burden;
    const { self } = this.#parts;
    if (isHopeless && host !== self && !wasLongUp(host)) return;
    const claims = this.#claims(host, now);
    const own = claims.find(({ host: one }) => one === host) ?? OURS;
    for (let length = disks.length; length >= 1; length = length >> 1) {
      const part = weigh(disks.slice(0, length));
      const burden = own.burden + this.#shareOf(part);
      const tier = burden > own.quota ? TIER.over : own.tier;
      this.#makeRoom(host, part, {
        own: host === self ? OURS : { tier, burden },
        claims,
      });
      if (this.#hasRoom(host, part)) return;
    }
    const burden = own.burden + least;
    this.#hopeless = { until: now + HOPELESS_MS, burden };
  }

  /** Drops hosts and cuts lists until this weight has room, as far as others must. */
  #makeRoom(
    host: KnownHost,
    weight: Weight,
    { own, claims }: {
      readonly own: Yielding;
      readonly claims: readonly MemoryClaim<KnownHost>[];
    },
  ): void {
    const { silent, letGo } = this.#parts;
    const victims = claims
      .filter((claim) => claim.host !== host && yieldsTo(claim, own))
      .sort(byStanding);
    for (const victim of victims) {
      if (!this.#helps(victim.host, host, weight)) continue;
      if (victim.host.liveness !== "up") letGo(victim.host);
      else this.#trim(victim, { own, missing: this.#missing(host, weight) });
      if (this.#hasRoom(host, weight)) return;
    }
    if (own.tier === TIER.known) this.#drops(silent.known(), host, weight);
  }

  /** Drops silent hosts until this weight has room. Returns whether it has. */
  #drops(
    silent: Iterable<KnownHost>,
    host: KnownHost,
    weight: Weight,
  ): boolean {
    return [...silent].some((gone) => {
      if (gone !== host && this.#helps(gone, host, weight)) {
        this.#parts.letGo(gone);
      }
      return this.#hasRoom(host, weight);
    });
  }

  /** Cuts a list at its end, but not below what the other one takes. */
  #trim(
    { host, tier, burden }: MemoryClaim<KnownHost>,
    { own, missing: { disks, bytes } }: {
      readonly own: Yielding;
      readonly missing: Weight;
    },
  ): void {
    let length = host.disks.length;
    let freed = NO_WEIGHT;
    while (length > 0 && (freed.disks < disks || freed.bytes < bytes)) {
      const isLess = burden - this.#shareOf(freed) <= own.burden;
      if (tier === own.tier && isLess) break;
      length--;
      const one = { disks: 1, bytes: weighDisk(host.disks[length]!) };
      freed = addWeights(freed, one);
    }
    const cut = host.disks.length - length;
    if (cut === 0) return;
    this.#parts.forgotten.disks += cut;
    host.cut += cut;
    host.lacksRoom = true;
    this.setDisks(host, {
      disks: host.disks.slice(0, length),
      weight: subtractWeights(host.weight, freed),
    }, host.since.slice(0, length));
  }

  /** What all hosts take, where this one takes nothing. */
  #claims(host: KnownHost, now: number): MemoryClaim<KnownHost>[] {
    const { hosts, self, limits } = this.#parts;
    return claimsOf({
      hosts: [...hosts()].filter((one) => one !== self),
      now,
      isNear: this.isNear,
      shareOf: (one) => one === host ? 0 : this.#shareOf(one.weight),
      quota: this.#shareOf(weightPerHost(limits)),
    });
  }

  #shareOf({ disks, bytes }: Weight): number {
    const { limits } = this.#parts;
    return Math.max(disks / limits.disks, bytes / limits.bytes);
  }

  /** Whether the other one can have what one gives up. */
  #helps(one: KnownHost, other: KnownHost, weight: Weight): boolean {
    return this.#isUnproven(one) || !this.#isUnproven(other) ||
      !isWithinLimits(weight, addWeights(this.#left, other.weight));
  }

  #isUnproven(host: KnownHost): boolean {
    return host !== this.#parts.self && !host.isProven;
  }

  #hasRoom(host: KnownHost, weight: Weight): boolean {
    return isWithinLimits(weight, this.#roomFor(host));
  }

  /** What a host may have in all. */
  #roomFor(host: KnownHost): Weight {
    const left = addWeights(this.#left, host.weight);
    if (!this.#isUnproven(host)) return left;
    const { disksOfUnproven, bytesOfUnproven } = this.#parts.limits;
    const limit = { disks: disksOfUnproven, bytes: bytesOfUnproven };
    const other = subtractWeights(limit, this.#unproven);
    return lesser(left, addWeights(other, host.weight));
  }

  /** What nobody has. */
  get #left(): Weight {
    return subtractWeights(this.#parts.limits, this.#weight);
  }

  #missing(host: KnownHost, weight: Weight): Weight {
    return subtractWeights(weight, this.#roomFor(host));
  }

  #count(host: KnownHost, weight: Weight): void {
    this.#weight = addWeights(this.#weight, weight);
    if (!this.#isUnproven(host)) return;
    this.#unproven = addWeights(this.#unproven, weight);
  }
}

/** The part of a list that is within another limit too. */
function within(front: Front, limit: Weight): Front {
  return isWithinLimits(front.weight, limit)
    ? front
    : frontOf(front.disks, limit);
}

function weightPerHost(
  { disksPerHost, bytesPerHost }: InventoryLimits,
): Weight {
  return { disks: disksPerHost, bytes: bytesPerHost };
}

function scale({ disks, bytes }: Weight, factor: number): Weight {
  return { disks: disks * factor, bytes: bytes * factor };
}

/** Of what one host may have, each has so much whatever others have at its address. */
const LEAST_SHARE = 1 / 16;

/** This host takes what it needs, but not from those known for long. */
const OURS = { tier: TIER.known, burden: 0, quota: Infinity };

function lesser(a: Weight, b: Weight): Weight {
  return {
    disks: Math.min(a.disks, b.disks),
    bytes: Math.min(a.bytes, b.bytes),
  };
}
