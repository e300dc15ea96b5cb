import {
  CIRCUMSTANCE_NAMES,
  DISK_FIELDS,
  FACT_NAMES,
  mapFields,
} from "../../inventory/disk.ts";
import { isJsonObject, type JsonObject } from "../../text/json_object.ts";
import { type DbRow, OPEN_UNTIL } from "./history_db.ts";
import { HistoryError } from "./history_error.ts";
import type {
  DiskRecord,
  DriveRecord,
  HostRecord,
  PlaceRecord,
  SightingRecord,
} from "./records.ts";

/**
 * Converts rows to records. SQLite does not notice all damage to the file, so
 * the type of each value is checked.
 */

/** An integer; throws a `HistoryError` of kind `broken` for anything else. */
export function readInteger(row: DbRow, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : refuse(column, value);
}

/** A text; throws a `HistoryError` of kind `broken` for anything else. */
export function readText(row: DbRow, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : refuse(column, value);
}

function readTextOrNull(row: DbRow, column: string): string | null {
  return row[column] === null ? null : readText(row, column);
}

function readIntegerOrNull(row: DbRow, column: string): number | null {
  return row[column] === null ? null : readInteger(row, column);
}

function readFlag(row: DbRow, column: string): boolean | null {
  const value = readIntegerOrNull(row, column);
  return value === null ? null : value !== 0;
}

function refuse(column: string, value: unknown): never {
  const found = value === null ? "null" : typeof value;
  throw new HistoryError("broken", `unexpected ${found} in column ${column}`);
}

/** A damaged list becomes empty: it is not worth losing the history. */
function readList(row: DbRow, column: string): string[] {
  try {
    const list = JSON.parse(readText(row, column));
    return Array.isArray(list) && list.every((text) => typeof text === "string")
      ? list
      : [];
  } catch {
    return [];
  }
}

/** Damaged values count as unknown. */
function readPlace(row: DbRow): PlaceRecord {
  const text = readTextOrNull(row, "place");
  const stored = text === null ? {} : parseObject(text);
  const circumstances = CIRCUMSTANCE_NAMES.flatMap((name) => {
    const value = stored[name];
    const isFit = IS_FIT[DISK_FIELDS[name].kind](value);
    return isFit ? [[name, value] as const] : [];
  });
  const { drives } = stored;
  return {
    circumstances: Object.fromEntries(circumstances),
    drives: Array.isArray(drives)
      ? drives.filter(isJsonObject).map(readDrive)
      : [],
    ...(stored["stayed"] === true && { stayed: true }),
  };
}

function readDrive(stored: JsonObject): DriveRecord {
  const text = (value: unknown) => typeof value === "string" ? value : null;
  const { model, serial, wwn, tran, size } = stored;
  return {
    model: text(model),
    serial: text(serial),
    wwn: text(wwn),
    tran: text(tran),
    size: typeof size === "number" ? size : null,
  };
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

const IS_FIT = {
  text: (value: unknown) => typeof value === "string",
  number: (value: unknown) => Number.isSafeInteger(value),
  flag: (value: unknown) => typeof value === "boolean",
  texts: (value: unknown) =>
    Array.isArray(value) && value.every((one) => typeof one === "string"),
};

/** JSON of a place; `null` if nothing is known. */
export function storedPlace(
  { circumstances, drives, stayed = false }: PlaceRecord,
): string | null {
  const known = {
    ...circumstances,
    ...(drives.length > 0 && { drives }),
    ...(stayed && { stayed }),
  };
  const text = JSON.stringify(known);
  return text === "{}" ? null : text;
}

/** Reads `HOST_COLUMNS`. */
export function readHost(row: DbRow): HostRecord {
  return {
    hostId: readText(row, "host_id"),
    name: readText(row, "host_name"),
    version: readTextOrNull(row, "version"),
    addresses: readList(row, "addresses"),
    everyMs: readInteger(row, "every_ms"),
    state: readState(row),
    heardAt: readInteger(row, "heard_at"),
    isProven: readInteger(row, "proven") === 1,
  };
}

function readState(row: DbRow): HostRecord["state"] {
  const state = readText(row, "state");
  return state === "up" || state === "stale" ? state : "gone";
}

/** Reads `SIGHTING_COLUMNS`. */
export function readSighting(row: DbRow): SightingRecord {
  const from = readInteger(row, "from_at");
  const until = readInteger(row, "until_at");
  return {
    disk: readDiskRecord(row),
    host: {
      hostId: readText(row, "host_id"),
      name: readText(row, "host_name"),
      state: readState(row),
      heardAt: readInteger(row, "heard_at"),
    },
    device: readText(row, "device"),
    label: readTextOrNull(row, "sighting_label"),
    mounts: readList(row, "mounts"),
    place: readPlace(row),
    from,
    until: until === OPEN_UNTIL ? null : Math.max(from, until),
  };
}

/** Reads `DISK_COLUMNS`. */
export function readDiskRecord(row: DbRow): DiskRecord {
  return {
    name: readText(row, "disk_name"),
    ...mapFields(FACT_NAMES, (name, kind) => READ[kind](row, name)),
  };
}

const READ = {
  text: readTextOrNull,
  number: readIntegerOrNull,
  flag: readFlag,
  texts: readList,
};

/** Of table `disks` as `d`. */
export const DISK_COLUMNS = `d.name AS disk_name, ${
  FACT_NAMES.map((name) => `d.${name}`)
}`;

/** A host that is up was heard while the daemon ran; this is not written each time. */
export const HEARD_AT = `CASE h.state WHEN 'up'
  THEN max(h.heard_at, ifnull((SELECT at FROM alive), 0))
  ELSE h.heard_at END AS heard_at`;

/** Of table `hosts` as `h`. */
export const HOST_COLUMNS = `h.host_id, h.name AS host_name, h.version,
  h.addresses, h.every_ms, h.state, h.proven, ${HEARD_AT}`;

/** The name that the host had at the end of the sighting. */
export const HOST_NAME = `CASE s.until_at WHEN ${OPEN_UNTIL} THEN h.name
  ELSE ifnull(s.host_name, h.name) END AS host_name`;

/** Of tables `sightings` as `s`, `disks` as `d` and `hosts` as `h`. */
export const SIGHTING_COLUMNS = `s.id, s.device, s.label AS sighting_label,
  s.mounts, s.place, s.from_at, s.until_at, h.host_id, ${HOST_NAME}, h.state,
  ${HEARD_AT}, ${DISK_COLUMNS}`;

/** Normalizes values to the range of the tables and a single spelling. */

/** A time within the range of the tables: whole ms from 1970 to the year 9999. */
export function storedTime(time: number): number {
  return Math.min(Math.max(Math.trunc(time) || 0, 0), OPEN_UNTIL - 1);
}

/** The end of a sighting, `null` while it is open; never before its beginning. */
export function storedUntil(until: number | null, from: number): number {
  return until === null ? OPEN_UNTIL : Math.max(storedTime(until), from);
}

/** A count, or a number of ms or bytes. */
export function storedInteger(value: number): number {
  return Math.min(Math.trunc(value) || 0, Number.MAX_SAFE_INTEGER);
}

/**
 * A text that survives writing and reading: Deno reads only up to the first
 * NUL, which is replaced by its symbol, and SQLite has no lone surrogates.
 */
export function storedText(text: string): string;
export function storedText(text: string | null): string | null;
export function storedText(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll("\0", "\u2400");
}

/** A list of texts, such as mount points; NUL is escaped in JSON. */
export function storedList(texts: readonly string[]): string {
  return JSON.stringify(texts.map((text) => text.toWellFormed()));
}

/** Labels that differ only in case have the same folded form. */
export function foldedLabel(label: string): string;
export function foldedLabel(label: string | null): string | null;
export function foldedLabel(label: string | null): string | null {
  return storedText(label)?.toLowerCase() ?? null;
}
