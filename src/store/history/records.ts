import type { Circumstances, DiskFacts } from "../../inventory/disk.ts";

/**
 * Records of the history. Times are ms since 1970, because they outlive the
 * daemon; texts are those of blkid, lsblk and the other hosts.
 */

/** A disk, independent of its place. */
export interface DiskRecord extends DiskFacts {
  /** Its identity across hosts; see `diskName` in `src/inventory/disk.ts`. */
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
  /** Whether it signed what it said. */
  readonly isProven: boolean;
}

/** What else its host said of a disk, the last time. */
export interface PlaceRecord {
  readonly circumstances: Circumstances;
  /** The drives that it lies on. */
  readonly drives: readonly DriveRecord[];
  /**
   * Whether the disk was still there when its sighting ended: with another label
   * from then on, or as far as an import tells. Default: it left.
   */
  readonly stayed?: boolean;
}

export type DriveRecord = Pick<
  DiskFacts,
  "model" | "serial" | "wwn" | "tran" | "size"
>;

/** The time during which a host had a disk as a device. */
export interface SightingRecord {
  readonly disk: DiskRecord;
  /** With the name that it had then. */
  readonly host: Pick<HostRecord, "hostId" | "name" | "state" | "heardAt">;
  readonly device: string;
  /** Its label during that time. */
  readonly label: string | null;
  /** The last mount points; empty if it was never mounted. */
  readonly mounts: readonly string[];
  readonly place: PlaceRecord;
  readonly from: number;
  /** `null` while it is there according to its host. */
  readonly until: number | null;
}

/** The state of the last stop. */
export interface Restored {
  /** Every host with its last disks. */
  readonly hosts: readonly {
    readonly host: HostRecord;
    readonly sightings: readonly SightingRecord[];
  }[];
  /** The last sighting of each disk attached to no host, newest first. */
  readonly past: readonly SightingRecord[];
}

/** Selects sightings, newest first. */
export interface SightingQuery {
  /** Only of these disks. */
  readonly disks?: readonly string[];
  readonly hostId?: string;
  /** Only open sightings and those that ended after this time. */
  readonly since?: number;
  readonly limit: number;
}

/** A disk attached to a host. */
export interface Attachment {
  readonly device: string;
  readonly label: string | null;
  readonly mounts: readonly string[];
  readonly place: PlaceRecord;
  /** Since when, in ms since 1970. */
  readonly from: number;
}

/** A change to be written. */
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
    readonly kind: "listed";
    readonly hostId: string;
    /** All that it has. */
    readonly devices: readonly string[];
    readonly until: number;
  }
  | {
    readonly kind: "renamed";
    readonly hostId: string;
    /** Name of the disk. */
    readonly disk: string;
    /** Devices. */
    readonly from: string;
    readonly to: string;
  }
  | {
    readonly kind: "mounted";
    readonly hostId: string;
    readonly device: string;
    readonly mounts: readonly string[];
    readonly place: PlaceRecord;
  }
  | {
    /** A host has another id. */
    readonly kind: "rekeyed";
    readonly from: string;
    readonly to: string;
  }
  | { readonly kind: "host"; readonly host: HostRecord }
  | { readonly kind: "alive"; readonly at: number }
  /** The clock was set: times from `from` to before `to` are moved. */
  | {
    readonly kind: "redated";
    readonly from: number;
    readonly to: number;
    readonly byMs: number;
  };
