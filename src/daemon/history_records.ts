import type { ImportedRow } from "../control/views.ts";
import {
  circumstancesOf,
  type Disk,
  factsOf,
  nameAt,
} from "../inventory/disk.ts";
import type { Host } from "../inventory/host.ts";
import type { Layers } from "../inventory/layers.ts";
import type { HostIdentifiers, Resolved } from "../inventory/resolve.ts";
import type {
  DiskRecord,
  HostRecord,
  PlaceRecord,
  Restored,
  SightingQuery,
  SightingRecord,
} from "../store/history/records.ts";
import type { Clock } from "./clocks.ts";
import type { TimeMove } from "./stored_times.ts";

/** Converts disks and hosts to records of the history. */

export function diskRecord(disk: Disk, host: Pick<Host, "id">): DiskRecord {
  return { name: nameAt(disk, host.id), ...factsOf(disk) };
}

/**
 * The first mount points within a limit. Nobody looks for a disk by the last of
 * hundreds of bind mounts.
 */
export function keptMounts(mounts: readonly string[]): readonly string[] {
  let room = MAX_KEPT_MOUNTS_LENGTH;
  const cut = mounts.findIndex((mount) => (room -= mount.length) < 0);
  return cut < 0 ? mounts : mounts.slice(0, cut);
}

/** Of a sighting, in UTF-16 units. */
const MAX_KEPT_MOUNTS_LENGTH = 4_096;

export function hostRecord(host: Host, clock: Clock): HostRecord {
  return {
    hostId: host.id,
    name: host.name,
    version: host.version,
    addresses: host.addresses,
    everyMs: Math.round(host.everyMs),
    state: host.liveness,
    heardAt: clock.storedTime(host.heardAt),
    isProven: host.isProven,
  };
}

/** What else its host says of a disk. */
export function placeRecord(
  disk: Disk,
  layers: Layers<Disk>,
): SightingStart["place"] {
  const drives = layers.drives(disk)
    .map(({ model, serial, wwn, tran, size }) => ({
      model,
      serial,
      wwn,
      tran,
      size,
    }));
  return { circumstances: circumstancesOf(disk), drives };
}

/**
 * A sighting of another daemon, as of the export: the disk was there until last
 * seen. Its clock may be ahead of `now`.
 */
export function importedSighting(
  row: ImportedRow,
  now: number,
): SightingRecord {
  const { device, hostId, label, mounts, inUse, drives } = row;
  const until = Math.min(now, Date.parse(row.until ?? row.seenAt));
  const stayed = row.state !== "detached" || row.unplugged === false;
  return {
    disk: { name: nameAt(row, hostId), ...factsOf(row) },
    host: { hostId, name: row.host, state: "stale", heardAt: until },
    device,
    label,
    mounts,
    place: {
      circumstances: inUse === null ? {} : { inUse },
      drives,
      ...(stayed && { stayed }),
    },
    from: Math.min(until, Date.parse(row.from)),
    until,
  };
}

/** Place of a disk for the history. Ms since 1970. */
export interface SightingStart {
  readonly device: string;
  readonly label: string | null;
  readonly mounts: readonly string[];
  readonly place: PlaceRecord;
  readonly from: number;
}

/**
 * The methods of the history used by the daemon; see
 * `src/store/history/history.ts`. Times are ms since 1970.
 */
export interface HistoryStore {
  /** Why nothing can be written now, a sentence. */
  readonly problem: string | null;
  /** Grows with each loss, after which everything known must be recorded again. */
  readonly gaps: number;
  restore(): Restored;
  began(host: HostRecord, disk: DiskRecord, at: SightingStart): void;
  mounted(
    hostId: string,
    use: Pick<SightingStart, "device" | "mounts" | "place">,
  ): void;
  renamed(
    hostId: string,
    device: { disk: string; from: string; to: string },
  ): void;
  ended(hostId: string, device: string, until: number): void;
  listed(hostId: string, devices: readonly string[], until: number): void;
  rekeyed(from: string, to: string): void;
  host(record: HostRecord): void;
  alive(at: number): void;
  flush(): boolean;
  trim(now: number | null): boolean;
  readonly isTooLarge: boolean;
  /** Bytes written to the file. */
  readonly written: number;
  redate(times: TimeMove): void;
  newestBefore(limit: number): number;
  disks(name: string): Resolved<DiskRecord>;
  hosts(name: string): HostIdentifiers[];
  sightings(query: SightingQuery): SightingRecord[];
  count(of: { readonly disk: string } | { readonly hostId: string }): number;
  forgetDisk(name: string): number;
  forgetHost(hostId: string): number;
  page(
    afterId: number,
    limit: number,
  ): { records: SightingRecord[]; next: number | null };
  merge(
    records: readonly SightingRecord[],
  ): { added: number; extended: number; known: number };
  close(): void;
}
