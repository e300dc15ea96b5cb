import type { Disk } from "../inventory/disk.ts";
import {
  addWeights,
  isWithinLimits,
  NO_WEIGHT,
  subtractWeights,
  weigh,
  type Weight,
} from "../inventory/limits.ts";

/** A list with missing parts. */
interface Assembly {
  readonly boot: number;
  readonly rev: number;
  /** Number of parts of the whole list. */
  readonly wanted: number;
  /** By number. Missing parts take no memory: a sender may claim thousands. */
  readonly parts: Map<number, readonly Disk[]>;
  /** Its share of the limits. */
  weight: Weight;
  touchedAt: number;
}

interface AssemblyLimits {
  /**
   * Disks held in unfinished lists of all hosts together; a part without disks
   * counts as one disk.
   */
  readonly disksInFlight: number;
  /** Bytes of their texts. */
  readonly bytesInFlight: number;
  /** Longest wait of an unfinished list for its next part. */
  readonly maxAgeMs: number;
}

export const DEFAULT_ASSEMBLY_LIMITS: AssemblyLimits = {
  disksInFlight: 20_000,
  bytesInFlight: 16_777_216,
  maxAgeMs: 120_000,
};

/** Identifies a part: host, revision of its list, number of the part. */
interface PartKey {
  readonly id: string;
  readonly boot: number;
  readonly rev: number;
  readonly part: number;
  readonly parts: number;
}

/**
 * Assembles lists from several datagrams. The parts may come from different
 * repeats of a list, so the next repeat replaces a lost part. A newer revision
 * of a host's list replaces its unfinished one.
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

  /** Adds a part. Returns the whole list if no part is missing. */
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

  /** Drops the unfinished list of a host. */
  discard(id: string): void {
    const list = this.#byHost.get(id);
    if (list === undefined) return;
    this.#weight = subtractWeights(this.#weight, list.weight);
    this.#byHost.delete(id);
  }

  /**
   * Drops lists whose parts have stopped arriving. Returns the number of lists
   * dropped since the last call, including those dropped at a limit.
   */
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

  /** Drops the lists of other hosts, oldest first, and finally that of `latest`. */
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

/** Limits the number of empty parts too. */
const EMPTY_PART: Weight = { disks: 1, bytes: 0 };

function inOrder(parts: ReadonlyMap<number, readonly Disk[]>): Disk[] {
  return [...parts].sort(([a], [b]) => a - b).flatMap(([, disks]) => disks);
}
