import type { DiskFacts } from "../../inventory/disk.ts";

/**
 * What the history holds. Times are ms since 1970, since they outlive the
 * daemon; texts are as blkid, lsblk and the other hosts gave them.
 */

/** A disk, wherever it is. */
export interface DiskRecord extends DiskFacts {
  /** What makes it the same one on every host; see `src/inventory/disk_name.ts`. */
  readonly name: string;
}

export interface HostRecord {
  readonly hostId: string;
  readonly name: string;
  readonly version: string | null;
  readonly addresses: readonly string[];
  readonly everyMs: number;
  readonly state: "up" | "stale" | "gone";
  readonly heardAt: number;
}

/** A disk was at a host as a device, from then until then. */
export interface SightingRecord {
  readonly disk: DiskRecord;
  readonly host: Pick<HostRecord, "hostId" | "name" | "state" | "heardAt">;
  readonly device: string;
  /** The label that it had then. */
  readonly label: string | null;
  /** Where it was mounted last; empty where it never was. */
  readonly mounts: readonly string[];
  readonly from: number;
  /** `null` while it is there as far as the host has said. */
  readonly until: number | null;
}

/** What was known when the daemon stopped. */
export interface Restored {
  /** Every host, with its disks as it said last. */
  readonly hosts: readonly {
    readonly host: HostRecord;
    readonly sightings: readonly SightingRecord[];
  }[];
  /** The last sighting of each disk that is at no host now, newest first. */
  readonly past: readonly SightingRecord[];
}

/** Which sightings to read, newest first. */
export interface SightingQuery {
  /** Of these disks. */
  readonly disks?: readonly string[];
  readonly hostId?: string;
  /** Those that ended after this, or have not. */
  readonly since?: number;
  readonly limit: number;
}

/** A disk as it is at a host. */
export interface Attachment {
  readonly device: string;
  readonly label: string | null;
  readonly mounts: readonly string[];
  /** Since when, in ms since 1970. */
  readonly from: number;
}

/** What waits to be written. */
export type HistoryChange =
  | {
    readonly kind: "attached";
    readonly host: HostRecord;
    readonly disk: DiskRecord;
    readonly at: Attachment;
  }
  | {
    readonly kind: "ended";
    readonly hostId: string;
    readonly device: string;
    readonly until: number;
  }
  | {
    readonly kind: "mounted";
    readonly hostId: string;
    readonly device: string;
    readonly mounts: readonly string[];
  }
  | { readonly kind: "host"; readonly host: HostRecord }
  | { readonly kind: "alive"; readonly at: number };
