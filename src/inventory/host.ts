import type { Disk } from "./disk.ts";

/**
 * `up`: heard within its interval. `stale`: silent for three of its intervals.
 * `gone`: said goodbye.
 */
export type Liveness = "up" | "stale" | "gone";

/** A host's description of itself. */
export interface HostInfo {
  /** Derived from the machine id, never from name or address. */
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** Announcement interval, in ms. */
  readonly everyMs: number;
  /** Id of the key that proves it; `null` or missing without proof. */
  readonly key?: string | null;
}

/** A host in the inventory. Times are monotonic, in ms. */
export interface Host {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly everyMs: number;
  /** Id of the key that proved its last announcement; `null` without proof. */
  readonly key: string | null;
  /** Addresses it was heard from, longest known first. */
  readonly addresses: readonly string[];
  readonly heardAt: number;
  readonly liveness: Liveness;
  readonly disks: readonly Disk[];
  /** Since when each of `disks` is known to be there, in the same order. */
  readonly since: readonly number[];
  /**
   * Whether its disks come from an earlier run and have not been confirmed
   * since.
   */
  readonly isRemembered: boolean;
}

/** Number of its own intervals of silence until a host is stale. */
export const STALE_AFTER_INTERVALS = 3;
