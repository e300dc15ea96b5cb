import type { Disk } from "./disk.ts";
import type { HostInfo, Liveness } from "./host.ts";

/**
 * What was known before the daemon started. Times are on the monotonic clock
 * of now, in ms, and mostly below 0. Of a disk nothing is taken for true but
 * what blkid and lsblk say of it: what it was mounted on and what lay on it
 * may be as old as it likes.
 */
export interface Memory {
  /** This host may be among them, by its id. */
  readonly hosts: readonly RememberedHost[];
  /** The last sighting of each disk that none of these hosts has. */
  readonly past: readonly RememberedSighting[];
}

/** A host, as it was heard last. */
export interface RememberedHost extends HostInfo {
  readonly addresses: readonly string[];
  readonly heardAt: number;
  readonly liveness: Liveness;
  readonly disks: readonly RememberedDisk[];
}

/** A disk that its host had when it was heard last. */
export interface RememberedDisk {
  readonly disk: Disk;
  /** When it came there. */
  readonly since: number;
}

/** Where a disk was that was attached nowhere. */
export interface RememberedSighting {
  /** With the mount points that it had last. */
  readonly disk: Disk;
  readonly host: Pick<HostInfo, "id" | "name">;
  readonly from: number;
  readonly until: number;
}
