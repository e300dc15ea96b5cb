import type { DbRow, HistoryDb } from "./history_db.ts";
import type { DiskRecord, HostRecord, SightingRecord } from "./records.ts";
import {
  DISK_COLUMNS,
  HOST_NAME,
  readDiskRecord,
  readInteger,
  readText,
  storedList,
  storedPlace,
  storedText,
  storedTime,
  storedUntil,
} from "./rows.ts";
import {
  addHost,
  findDiskId,
  type SightingKey,
  writeDisk,
} from "./write_change.ts";

/**
 * Merges the sightings of another history.
 *
 * Overlapping or adjacent sightings of a disk at the same place become one, so
 * a repeated import changes nothing. The result does not depend on the order,
 * because every choice between two values takes the greatest of all.
 */

/** Counts of merged records. */
export interface Merged {
  /** New sightings. */
  added: number;
  /** Known sightings that became longer, or gained mount points. */
  extended: number;
  known: number;
}

/** Merges sightings within the caller's transaction. */
export function mergeSightings(
  db: HistoryDb,
  records: readonly SightingRecord[],
): Merged {
  const merged: Merged = { added: 0, extended: 0, known: 0 };
  for (const record of records) merged[mergeSighting(db, record)]++;
  return merged;
}

/** A stored sighting, without its place. */
interface Span {
  readonly from: number;
  readonly until: number;
  /** JSON. */
  readonly mounts: string;
  /** Until when `mounts` are known. */
  readonly mountsUntil: number;
  /** JSON. */
  readonly place: string | null;
  /** Name of its host. */
  readonly hostName: string;
}

function mergeSighting(db: HistoryDb, record: SightingRecord): keyof Merged {
  const given = givenSpan(record);
  const place: SightingKey = {
    disk: mergeDiskRecord(db, { disk: record.disk, seenUntil: given.until }),
    host: mergeHostRecord(db, record.host, given.from),
    device: storedText(record.device),
    label: storedText(record.label),
  };
  const met = findMet(db, place, given);
  const [first, ...others] = met;
  if (first === undefined) {
    add(db, place, given);
    return "added";
  }
  const known = met.map(knownSpan);
  const whole = known.reduce(united, given);
  if (others.length === 0 && isSame(whole, known[0]!)) return "known";
  for (const other of others) {
    db.run("DELETE FROM sightings WHERE id = ?1", [readInteger(other, "id")]);
  }
  db.run(WRITE_SPAN, [readInteger(first, "id"), ...spanValues(whole)]);
  return "extended";
}

/**
 * The exporter knew of the disk until it last heard the host, possibly long
 * ago: an open sighting ends at this time.
 */
function givenSpan(record: SightingRecord): Span {
  const from = storedTime(record.from);
  const until = storedUntil(record.until ?? record.host.heardAt, from);
  const mounts = storedList(record.mounts);
  const place = storedPlace(record.place);
  const hostName = storedText(record.host.name);
  return { from, until, mounts, mountsUntil: until, place, hostName };
}

function knownSpan(row: DbRow): Span {
  const until = readInteger(row, "until_at");
  return {
    from: readInteger(row, "from_at"),
    until,
    mounts: readText(row, "mounts"),
    mountsUntil: row["mounts_until"] === null
      ? until
      : readInteger(row, "mounts_until"),
    place: row["place"] === null ? null : readText(row, "place"),
    hostName: readText(row, "host_name"),
  };
}

function united(a: Span, b: Span): Span {
  const { mounts, mountsUntil } = toldLast(a, b);
  return {
    from: Math.min(a.from, b.from),
    until: Math.max(a.until, b.until),
    mounts,
    mountsUntil,
    ...pickLast(a, b),
  };
}

/** Those of the later sighting; of two that end together, the greater texts. */
function pickLast(a: Span, b: Span): Pick<Span, "place" | "hostName"> {
  if (a.until !== b.until) {
    const { place, hostName } = a.until > b.until ? a : b;
    return { place, hostName };
  }
  return {
    place: (a.place ?? "") > (b.place ?? "") ? a.place : b.place,
    hostName: a.hostName > b.hostName ? a.hostName : b.hostName,
  };
}

/**
 * An empty list of mount points yields to any other. At equal times the text
 * decides, arbitrarily but consistently.
 */
function toldLast(a: Span, b: Span): Span {
  if (a.mounts === NO_MOUNTS || b.mounts === NO_MOUNTS) {
    return a.mounts === NO_MOUNTS ? b : a;
  }
  if (a.mountsUntil !== b.mountsUntil) {
    return a.mountsUntil > b.mountsUntil ? a : b;
  }
  return a.mounts > b.mounts ? a : b;
}

const NO_MOUNTS = storedList([]);

function isSame(a: Span, b: Span): boolean {
  return a.from === b.from && a.until === b.until && a.mounts === b.mounts &&
    a.mountsUntil === b.mountsUntil && a.place === b.place &&
    a.hostName === b.hostName;
}

function add(db: HistoryDb, place: SightingKey, span: Span): void {
  const { disk, host, device, label } = place;
  db.run(ADD_SPAN, [disk, host, device, label, ...spanValues(span)]);
}

function spanValues(
  { mounts, mountsUntil, place, from, until, hostName }: Span,
) {
  const told = mountsUntil === until ? null : mountsUntil;
  return [mounts, told, place, from, until, hostName];
}

/**
 * The sightings that overlap the given span, or touch it. Sightings of the same
 * place do not overlap each other, so they begin in the order in which they
 * end: after the first that begins too late, all others do too.
 */
function findMet(
  db: HistoryDb,
  place: SightingKey,
  { from, until }: Span,
): DbRow[] {
  const { disk, host, device, label } = place;
  const met: DbRow[] = [];
  for (let after = from - 1;;) {
    const next = db.get(FIND_NEXT, [disk, after, host, device, label]);
    if (!next || readInteger(next, "from_at") > until) return met;
    met.push(next);
    after = readInteger(next, "until_at");
  }
}

const FIND_NEXT = `SELECT s.id, mounts, mounts_until, place, from_at, until_at,
    ${HOST_NAME}
  FROM sightings AS s CROSS JOIN hosts AS h ON h.id = s.host
  WHERE disk = ?1 AND until_at > ?2
    AND +host = ?3 AND device = ?4 AND label IS ?5
  ORDER BY until_at LIMIT 1`;

const ADD_SPAN = `INSERT INTO sightings
  (disk, host, device, label, mounts, mounts_until, place, from_at, until_at,
    host_name)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
    nullif(?10, (SELECT name FROM hosts WHERE id = ?2)))`;

const WRITE_SPAN = `UPDATE sightings
  SET (mounts, mounts_until, place, from_at, until_at, host_name) =
    (?2, ?3, ?4, ?5, ?6,
      nullif(?7, (SELECT name FROM hosts WHERE id = sightings.host)))
  WHERE id = ?1`;

/** Merges a disk of another history, unless this history saw it later. Returns its row id. */
function mergeDiskRecord(
  db: HistoryDb,
  { disk, seenUntil }: { disk: DiskRecord; seenUntil: number },
): number {
  const id = findDiskId(db, disk.name);
  if (id === null) return writeDisk(db, disk);
  const lastSeen = lastSeenAt(db, id);
  if (lastSeen > seenUntil) return id;
  if (lastSeen === seenUntil && isGreater(readDiskById(db, id), disk)) {
    return id;
  }
  return writeDisk(db, disk);
}

function lastSeenAt(db: HistoryDb, disk: number): number {
  const row = db.get(LAST_SEEN, [disk]);
  return row === undefined ? -1 : readInteger(row, "until_at");
}

const LAST_SEEN = `SELECT until_at FROM sightings WHERE disk = ?1
  ORDER BY until_at DESC LIMIT 1`;

function readDiskById(db: HistoryDb, id: number): DiskRecord {
  return readDiskRecord(
    db.get(`SELECT ${DISK_COLUMNS} FROM disks AS d WHERE d.id = ?1`, [id])!,
  );
}

/** An arbitrary but consistent order. */
function isGreater(a: DiskRecord, b: DiskRecord): boolean {
  return inOneText(a) > inOneText(b);
}

function inOneText(disk: DiskRecord): string {
  return JSON.stringify(Object.entries(disk).sort());
}

/** Assumed announcement interval of a host known only from another history. */
const DEFAULT_EVERY_MS = 30_000;

/**
 * Merges a host of another history, unless it is up here or was heard later.
 * Its state `up` there does not count here. Returns its row id.
 */
function mergeHostRecord(
  db: HistoryDb,
  { hostId, name, state, heardAt }: SightingRecord["host"],
  from: number,
): number {
  const given: HostRecord = {
    hostId,
    name,
    state: state === "up" ? "stale" : state,
    heardAt,
    version: null,
    addresses: [],
    everyMs: DEFAULT_EVERY_MS,
    isProven: false,
  };
  const id = addHost(db, given);
  db.run(WRITE_FIRST, [id, Math.min(from, storedTime(heardAt))]);
  if (isNewer(db, id, given)) {
    db.run(WRITE, [id, storedText(name), given.state, storedTime(heardAt)]);
  }
  return id;
}

function isNewer(db: HistoryDb, id: number, given: HostRecord): boolean {
  const known = db.get(READ, [id])!;
  const state = readText(known, "state");
  const difference = storedTime(given.heardAt) - readInteger(known, "heard_at");
  if (state === "up" || difference < 0) return false;
  return difference > 0 ||
    [storedText(given.name), given.state].join() >
      [readText(known, "name"), state].join();
}

const WRITE_FIRST =
  "UPDATE hosts SET first_at = ?2 WHERE id = ?1 AND first_at > ?2";

const READ = "SELECT name, state, heard_at FROM hosts WHERE id = ?1";

const WRITE =
  "UPDATE hosts SET (name, state, heard_at) = (?2, ?3, ?4) WHERE id = ?1";
