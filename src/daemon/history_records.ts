/** Disks and hosts as the history keeps them. */
import type { SightingRow } from "../control/views.ts";
import { type Disk, factsOf, nameAt } from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type {
  DiskRecord,
  HostRecord,
  SightingRecord,
} from "../store/history/records.ts";
import type { Clock } from "./clock.ts";

export function diskRecord(disk: Disk, host: Pick<Host, "id">): DiskRecord {
  return { name: nameAt(disk, host.id), ...factsOf(disk) };
}

/**
 * Mount points that are worth keeping: the first that are not too long
 * together. A disk with hundreds of bind mounts is not found by the last one.
 */
export function keptMounts(mounts: readonly string[]): readonly string[] {
  let room = MAX_KEPT_MOUNTS_LENGTH;
  const cut = mounts.findIndex((mount) => (room -= mount.length) < 0);
  return cut < 0 ? mounts : mounts.slice(0, cut);
}

/** Of one sighting, in UTF-16 units. */
const MAX_KEPT_MOUNTS_LENGTH = 4_096;

export function hostRecord(host: Host, clock: Clock): HostRecord {
  return {
    hostId: host.id,
    name: host.name,
    version: host.version,
    addresses: host.addresses,
    everyMs: Math.round(host.everyMs),
    state: host.liveness,
    heardAt: clock.wallTime(host.heardAt),
  };
}

/**
 * What somebody else's daemon knew, as of then: whatever became of the disk,
 * it was there until it was last seen.
 */
export function importedSighting(row: SightingRow): SightingRecord {
  const { device, hostId, label, mounts } = row;
  const until = Date.parse(row.until ?? row.seenAt);
  return {
    disk: { name: nameAt(row, hostId), ...factsOf(row) },
    host: { hostId, name: row.host, state: "stale", heardAt: until },
    device,
    label,
    mounts,
    from: Date.parse(row.from),
    until,
  };
}
