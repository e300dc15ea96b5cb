import { type Disk, makeDisk } from "../inventory/disk.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type {
  Memory,
  RememberedHost,
  RememberedSighting,
} from "../inventory/restore.ts";
import type {
  HostRecord,
  Restored,
  SightingRecord,
} from "../store/history/records.ts";
import type { Clock } from "./clocks.ts";
import type { HistoryWriter } from "./history_writer.ts";

interface RestoreOptions {
  readonly inventory: Inventory;
  readonly clock: Clock;
  /** Receives the hosts known, but not heard yet. */
  readonly writer: HistoryWriter;
}

/** Loads the state of the last stop into the inventory. */
export function restoreInventory(
  restored: Restored,
  { inventory, clock, writer }: RestoreOptions,
): void {
  inventory.restore(memoryOf(restored, clock));
  for (const { host: { hostId, state, heardAt } } of restored.hosts) {
    const host = inventory.host(hostId);
    if (host === undefined) continue;
    const heardBefore = clock.monotonicTime(heardAt);
    if (host === inventory.self) {
      writer.restoredSelf(host, { heardAt: heardBefore, now: clock.now() });
    } else {
      writer.restored(host, { wasUp: state === "up" });
    }
  }
}

/** Converts the state to the clock of the inventory. */
export function memoryOf({ hosts, past }: Restored, clock: Clock): Memory {
  return {
    hosts: hosts.map(({ host, sightings }) =>
      rememberedHost(host, { sightings, clock })
    ),
    past: past.map((record) => rememberedSighting(record, clock)),
  };
}

/** The same of the last place of a disk. */
export function rememberedSighting(
  record: SightingRecord,
  clock: Clock,
): RememberedSighting {
  const { host, from, until, place } = record;
  return {
    disk: diskOf(record),
    host: { id: host.hostId, name: host.name },
    from: clock.monotonicTime(from),
    until: clock.monotonicTime(until ?? host.heardAt),
    hasLeft: !place.stayed,
  };
}

function rememberedHost(
  host: HostRecord,
  { sightings, clock }: {
    readonly sightings: readonly SightingRecord[];
    readonly clock: Clock;
  },
): RememberedHost {
  return {
    id: host.hostId,
    name: host.name,
    version: host.version,
    everyMs: host.everyMs,
    isProven: host.isProven,
    addresses: host.addresses,
    heardAt: clock.monotonicTime(host.heardAt),
    liveness: host.state === "up" ? "stale" : host.state,
    disks: sightings.map((record) => ({
      disk: presentDisk(record),
      lastMounts: record.mounts,
      since: clock.monotonicTime(record.from),
    })),
  };
}

/** With its label of that time, and its last mount points. */
function diskOf(
  { disk, device, label, mounts, place }: SightingRecord,
): Disk {
  return makeDisk({ ...disk, ...place.circumstances, device, label, mounts });
}

/** With its mount points only if they were not unmounted since. */
function presentDisk(record: SightingRecord): Disk {
  const isUnmounted = record.place.circumstances.inUse === false;
  return diskOf(isUnmounted ? { ...record, mounts: [] } : record);
}
