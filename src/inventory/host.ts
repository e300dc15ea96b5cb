import type { Disk } from "./disk.ts";

/** `up`: heard from in time. `stale`: silent for three of its intervals. `gone`: said goodbye. */
export type Liveness = "up" | "stale" | "gone";

/** What a host says of itself. */
export interface HostInfo {
  /** Derived from the machine id, never from name or address. */
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** How long until it speaks again, in ms. */
  readonly everyMs: number;
  /** Id of the key that proves it; `null` or nothing: none does. */
  readonly key?: string | null;
}

/** A host as the inventory knows it. Times are on the monotonic clock, in ms. */
export interface Host {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly everyMs: number;
  /** Id of the key that proved what it said last, `null` when none did. */
  readonly key: string | null;
  /** Where it was heard from, longest known first. */
  readonly addresses: readonly string[];
  readonly heardAt: number;
  readonly liveness: Liveness;
  readonly disks: readonly Disk[];
  /** Since when each of `disks` is known to be there, in the same order. */
  readonly since: readonly number[];
  /** Its disks are those of an earlier life of the daemon: nobody has said yet that they are there still. */
  readonly isRemembered: boolean;
}

/** Silence, in intervals of the host itself, after which it is stale. */
export const STALE_AFTER_INTERVALS = 3;
