import type { Disk } from "../inventory/disk.ts";
import {
  addWeights,
  isWithinLimits,
  NO_WEIGHT,
  subtractWeights,
  weigh,
  type Weight,
} from "../inventory/limits.ts";

/** One list of which parts are still missing. */
interface Assembly {
  readonly boot: number;
  readonly rev: number;
  /** How many parts it has when it is whole. */
  readonly wanted: number;
  /** By number. Room for those that are missing is not made before they come: whoever sends may claim thousands. */
  readonly parts: Map<number, readonly Disk[]>;
  /** Its share of what may be in flight. */
  weight: Weight;
  touchedAt: number;
}

export interface AssemblyLimits {
  /** Disks held in unfinished lists, of all hosts together; a part without any counts as one. */
  readonly disksInFlight: number;
  /** Bytes of the texts of these. */
  readonly bytesInFlight: number;
  /** How long an unfinished list waits for its next part. */
  readonly maxAgeMs: number;
}

export const DEFAULT_ASSEMBLY_LIMITS: AssemblyLimits = {
  disksInFlight: 20_000,
  bytesInFlight: 16_777_216,
  maxAgeMs: 120_000,
};

/** Identifies a part: whose list, which revision of it, which piece. */
export interface PartKey {
  readonly id: string;
  readonly boot: number;
  readonly rev: number;
  readonly part: number;
  readonly parts: number;
}

/**
 * Lists that come in several datagrams, put together. The parts of a list may
 * come from different repeats of it, so a lost one is made up for by the next
 * repeat. A newer revision of a host's list replaces its unfinished one.
 */
export class Assemblies {
  readonly #limit: Weight;
  readonly #maxAgeMs: number;
  readonly #byHost = new Map<string, Assembly>();
  #weight = NO_WEIGHT;
  #dropped = 0;

  constructor(limits = DEFAULT_ASSEMBLY_LIMITS) {
    this.#limit = { disks: limits.disksInFlight, bytes: limits.bytesInFlight };
    this.#maxAgeMs = limits.maxAgeMs;
  }

  /** Adds a part; returns the whole list once nothing is missing. */
  add(key: PartKey, disks: readonly Disk[], now: number): Disk[] | null {
    const list = this.#listFor(key, now);
    list.touchedAt = now;
    if (!list.parts.has(key.part)) {
      const weight = disks.length === 0 ? EMPTY_PART : weigh(disks);
      list.parts.set(key.part, disks);
      list.weight = addWeights(list.weight, weight);
      this.#weight = addWeights(this.#weight, weight);
    }
    if (list.parts.size < list.wanted) {
      this.#makeRoom(key.id);
      return null;
    }
    this.discard(key.id);
    return inOrder(list.parts);
  }

  /** Forgets the unfinished list of a host. */
  discard(id: string): void {
    const list = this.#byHost.get(id);
    if (list === undefined) return;
    this.#weight = subtractWeights(this.#weight, list.weight);
    this.#byHost.delete(id);
  }

  /** Gives up lists whose parts have stopped coming. Returns how many were given up since the last call, for want of room too. */
  expire(now: number): number {
    for (const [id, list] of this.#byHost) {
      if (now - list.touchedAt < this.#maxAgeMs) continue;
      this.#giveUp(id);
    }
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #listFor(key: PartKey, now: number): Assembly {
    const known = this.#byHost.get(key.id);
    if (
      known?.boot === key.boot && known.rev === key.rev &&
      known.wanted === key.parts
    ) {
      return known;
    }
    this.discard(key.id);
    const list = {
      boot: key.boot,
      rev: key.rev,
      wanted: key.parts,
      parts: new Map(),
      weight: NO_WEIGHT,
      touchedAt: now,
    };
    this.#byHost.set(key.id, list);
    return list;
  }

  /** Gives up the lists of others, oldest first, and at last the one of `latest`. */
  #makeRoom(latest: string): void {
    for (const id of this.#byHost.keys()) {
      if (this.#hasRoom) return;
      if (id !== latest) this.#giveUp(id);
    }
    if (!this.#hasRoom) this.#giveUp(latest);
  }

  get #hasRoom(): boolean {
    return isWithinLimits(this.#weight, this.#limit);
  }

  #giveUp(id: string): void {
    this.discard(id);
    this.#dropped++;
  }
}

/** So that lists of empty parts are bounded as well. */
const EMPTY_PART: Weight = { disks: 1, bytes: 0 };

function inOrder(parts: ReadonlyMap<number, readonly Disk[]>): Disk[] {
  return [...parts].sort(([a], [b]) => a - b).flatMap(([, disks]) => disks);
}
