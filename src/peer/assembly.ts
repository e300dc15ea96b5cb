import type { Disk } from "../inventory/disk.ts";

/** One list of which parts are still missing. */
interface Assembly {
  readonly boot: number;
  readonly rev: number;
  readonly parts: (readonly Disk[] | undefined)[];
  missing: number;
  disks: number;
  touchedAt: number;
}

export interface AssemblyLimits {
  /** Disks held in unfinished lists, of all hosts together. */
  readonly disksInFlight: number;
  /** How long an unfinished list waits for its next part. */
  readonly maxAgeMs: number;
}

export const DEFAULT_ASSEMBLY_LIMITS: AssemblyLimits = {
  disksInFlight: 20_000,
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
  readonly #limits: AssemblyLimits;
  readonly #byHost = new Map<string, Assembly>();
  #disks = 0;
  #dropped = 0;

  constructor(limits = DEFAULT_ASSEMBLY_LIMITS) {
    this.#limits = limits;
  }

  /** Adds a part; returns the whole list once nothing is missing. */
  add(key: PartKey, disks: readonly Disk[], now: number): Disk[] | null {
    const list = this.#listFor(key, now);
    if (list.parts[key.part - 1] === undefined) {
      list.parts[key.part - 1] = disks;
      list.missing--;
      list.disks += disks.length;
      this.#disks += disks.length;
    }
    list.touchedAt = now;
    if (list.missing > 0) {
      this.#makeRoom(key.id);
      return null;
    }
    this.discard(key.id);
    return list.parts.flat() as Disk[];
  }

  /** Forgets the unfinished list of a host. */
  discard(id: string): void {
    const list = this.#byHost.get(id);
    if (list === undefined) return;
    this.#disks -= list.disks;
    this.#byHost.delete(id);
  }

  /** Gives up lists whose parts have stopped coming. Returns how many were given up since the last call, for want of room too. */
  expire(now: number): number {
    for (const [id, list] of this.#byHost) {
      if (now - list.touchedAt < this.#limits.maxAgeMs) continue;
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
      known.parts.length === key.parts
    ) {
      return known;
    }
    this.discard(key.id);
    const list = {
      boot: key.boot,
      rev: key.rev,
      parts: new Array(key.parts),
      missing: key.parts,
      disks: 0,
      touchedAt: now,
    };
    this.#byHost.set(key.id, list);
    return list;
  }

  #makeRoom(keep: string): void {
    for (const id of this.#byHost.keys()) {
      if (this.#disks <= this.#limits.disksInFlight) return;
      if (id !== keep) this.#giveUp(id);
    }
  }

  #giveUp(id: string): void {
    this.discard(id);
    this.#dropped++;
  }
}
