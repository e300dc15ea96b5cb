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
  /** Whether its host was up before; a stranger's list is given up first. */
  readonly isKnown: boolean;
  readonly address: string;
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
  /** Whether the host was up before. */
  readonly isKnown: boolean;
  readonly address: string;
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
      this.#makeRoom();
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
      isKnown: key.isKnown,
      address: key.address,
      touchedAt: now,
    };
    this.#byHost.set(key.id, list);
    return list;
  }

  /**
   * Without room, drops the lists of strangers first, and of those the lists of
   * the address that holds most. Drops several at once, because it looks at all.
   */
  #makeRoom(): void {
    if (isWithinLimits(this.#weight, this.#limit)) return;
    const limit = {
      disks: this.#limit.disks * KEPT_SHARE,
      bytes: this.#limit.bytes * KEPT_SHARE,
    };
    for (const id of this.#inOrderOfDropping()) {
      if (isWithinLimits(this.#weight, limit)) return;
      this.#giveUp(id);
    }
  }

  #inOrderOfDropping(): string[] {
    const shares = new Map<string, number>();
    const lists = [...this.#byHost].map(([id, list]) => {
      const sender = `${list.isKnown} ${list.address}`;
      const share = (shares.get(sender) ?? 0) + this.#shareOf(list.weight);
      shares.set(sender, share);
      return { id, sender, isKnown: list.isKnown };
    });
    return lists.sort((a, b) =>
      Number(a.isKnown) - Number(b.isKnown) ||
      shares.get(b.sender)! - shares.get(a.sender)!
    ).map(({ id }) => id);
  }

  #shareOf({ disks, bytes }: Weight): number {
    return Math.max(disks / this.#limit.disks, bytes / this.#limit.bytes);
  }

  #giveUp(id: string): void {
    this.discard(id);
    this.#dropped++;
  }
}

/** Of the limits, when room was made. */
const KEPT_SHARE = 15 / 16;

/** Limits the number of empty parts too. */
const EMPTY_PART: Weight = { disks: 1, bytes: 0 };

function inOrder(parts: ReadonlyMap<number, readonly Disk[]>): Disk[] {
  return [...parts].sort(([a], [b]) => a - b).flatMap(([, disks]) => disks);
}
