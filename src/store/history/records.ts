/**
 * What the history holds. Times are ms since 1970, since they outlive the
 * daemon; texts are as blkid, lsblk and the other hosts gave them.
 */
import type { DiskFacts } from "../../inventory/disk.ts";

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
