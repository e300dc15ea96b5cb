/**
 * Rows as records. The file may be damaged where SQLite does not notice, so
 * the type of each value is looked at.
 */
import type { Row } from "./history_db.ts";
import { HistoryError } from "./history_error.ts";
import type { DiskRecord, HostRecord, SightingRecord } from "./records.ts";
import { OPEN_UNTIL } from "./schema.ts";

/** An integer; throws a `HistoryError` of kind `broken` for anything else. */
export function readInteger(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : refuse(column, value);
}

/** A text; throws a `HistoryError` of kind `broken` for anything else. */
export function readText(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : refuse(column, value);
}

function readTextOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : readText(row, column);
}

function readIntegerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : readInteger(row, column);
}

function readFlag(row: Row, column: string): boolean | null {
  const value = readIntegerOrNull(row, column);
  return value === null ? null : value !== 0;
}

function refuse(column: string, value: unknown): never {
  const found = value === null ? "null" : typeof value;
  throw new HistoryError("broken", `unexpected ${found} in column ${column}`);
}

/** A damaged list is an empty one: it is not worth a whole history. */
export function readList(row: Row, column: string): string[] {
  try {
    const list = JSON.parse(readText(row, column));
    return Array.isArray(list) && list.every((text) => typeof text === "string")
      ? list
      : [];
  } catch {
    return [];
  }
}

/** What `HOST_COLUMNS` chose. */
export function readHost(row: Row): HostRecord {
  return {
    hostId: readText(row, "host_id"),
    name: readText(row, "host_name"),
    version: readTextOrNull(row, "version"),
    addresses: readList(row, "addresses"),
    everyMs: readInteger(row, "every_ms"),
    state: readState(row),
    heardAt: readInteger(row, "heard_at"),
  };
}

function readState(row: Row): HostRecord["state"] {
  const state = readText(row, "state");
  return state === "up" || state === "stale" ? state : "gone";
}

/** What `SIGHTING_COLUMNS` chose. */
export function readSighting(row: Row): SightingRecord {
  const from = readInteger(row, "from_at");
  const until = readInteger(row, "until_at");
  return {
    disk: readDisk(row),
    host: {
      hostId: readText(row, "host_id"),
      name: readText(row, "host_name"),
      state: readState(row),
      heardAt: readInteger(row, "heard_at"),
    },
    device: readText(row, "device"),
    label: readTextOrNull(row, "sighting_label"),
    mounts: readList(row, "mounts"),
    from,
    until: until === OPEN_UNTIL ? null : Math.max(from, until),
  };
}

/** What `DISK_COLUMNS` chose. */
export function readDisk(row: Row): DiskRecord {
  return {
    name: readText(row, "disk_name"),
    uuid: readTextOrNull(row, "uuid"),
    label: readTextOrNull(row, "label"),
    type: readTextOrNull(row, "type"),
    size: readIntegerOrNull(row, "size"),
    partuuid: readTextOrNull(row, "partuuid"),
    partlabel: readTextOrNull(row, "partlabel"),
    uuid_sub: readTextOrNull(row, "uuid_sub"),
    model: readTextOrNull(row, "model"),
    serial: readTextOrNull(row, "serial"),
    wwn: readTextOrNull(row, "wwn"),
    tran: readTextOrNull(row, "tran"),
    rm: readFlag(row, "rm"),
    ro: readFlag(row, "ro"),
  };
}

/** Of table `disks` as `d`. */
export const DISK_COLUMNS = `d.name AS disk_name, d.uuid, d.label, d.type,
  d.size, d.partuuid, d.partlabel, d.uuid_sub, d.model, d.serial, d.wwn,
  d.tran, d.rm, d.ro`;

/** A host that is up was heard while the daemon ran, though that was not written each time. */
const HEARD_AT = `CASE h.state WHEN 'up'
  THEN max(h.heard_at, ifnull((SELECT at FROM alive), 0))
  ELSE h.heard_at END AS heard_at`;

/** Of table `hosts` as `h`. */
export const HOST_COLUMNS = `h.host_id, h.name AS host_name, h.version,
  h.addresses, h.every_ms, h.state, ${HEARD_AT}`;

/** Of tables `sightings` as `s`, `disks` as `d` and `hosts` as `h`. */
export const SIGHTING_COLUMNS = `s.id, s.device, s.label AS sighting_label,
  s.mounts, s.from_at, s.until_at, h.host_id, h.name AS host_name, h.state,
  ${HEARD_AT}, ${DISK_COLUMNS}`;
