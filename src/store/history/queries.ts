import { type DbRow, type HistoryDb, OPEN_UNTIL } from "./history_db.ts";
import type {
  DiskRecord,
  Restored,
  SightingQuery,
  SightingRecord,
} from "./records.ts";
import {
  DISK_COLUMNS,
  foldedLabel,
  HOST_COLUMNS,
  readDiskRecord,
  readHost,
  readInteger,
  readSighting,
  SIGHTING_COLUMNS,
  storedText,
  storedTime,
} from "./rows.ts";
import { findDiskId, findHostId } from "./write_change.ts";

/**
 * Sightings, newest first: open ones, then the others by their end, then by
 * their beginning.
 */
export function readSightings(
  db: HistoryDb,
  { disks, hostId, since, limit }: SightingQuery,
): SightingRecord[] {
  const after = since === undefined ? -1 : storedTime(since);
  const host = hostId === undefined ? null : findHostId(db, hostId);
  if (hostId !== undefined && host === null) return [];
  if (disks !== undefined) {
    const rows = disks.flatMap((name) =>
      readOfDisk(db, { disk: findDiskId(db, name), host, after, limit })
    );
    return newestFirst(rows).slice(0, limit).map(readSighting);
  }
  const rows = host === null
    ? db.all(OF_ALL, [after, limit])
    : db.all(AT_HOST, [after, limit, host]);
  return rows.map(readSighting);
}

interface DiskQuery {
  readonly disk: number | null;
  readonly host: number | null;
  readonly after: number;
  readonly limit: number;
}

function readOfDisk(db: HistoryDb, query: DiskQuery): DbRow[] {
  const { disk, host, after, limit } = query;
  if (disk === null) return [];
  return host === null
    ? db.all(OF_DISK, [after, limit, disk])
    : db.all(OF_DISK_AT_HOST, [after, limit, disk, host]);
}

/** The rows of each disk are in this order; together they are not. */
function newestFirst(rows: DbRow[]): DbRow[] {
  return rows.sort((a, b) =>
    readInteger(b, "until_at") - readInteger(a, "until_at") ||
    readInteger(b, "from_at") - readInteger(a, "from_at")
  );
}

/** A cross join keeps its order: sightings are found first, by an index. */
const READ = `SELECT ${SIGHTING_COLUMNS} FROM sightings AS s
  CROSS JOIN disks AS d ON d.id = s.disk
  CROSS JOIN hosts AS h ON h.id = s.host`;

const NEWEST_FIRST = "ORDER BY s.until_at DESC, s.from_at DESC LIMIT ?2";

const OF_ALL = `${READ} WHERE s.until_at > ?1 ${NEWEST_FIRST}`;
const AT_HOST = `${READ} WHERE s.host = ?3 AND s.until_at > ?1 ${NEWEST_FIRST}`;
const OF_DISK = `${READ} WHERE s.disk = ?3 AND s.until_at > ?1 ${NEWEST_FIRST}`;
const OF_DISK_AT_HOST = `${READ}
  WHERE s.disk = ?3 AND s.until_at > ?1 AND +s.host = ?4 ${NEWEST_FIRST}`;

export interface Page {
  readonly records: SightingRecord[];
  /** `afterId` of the next page; `null` at the end. */
  readonly next: number | null;
}

/** All sightings in pages, in the order written. The first page is after 0. */
export function readPage(
  db: HistoryDb,
  { afterId, limit }: { afterId: number; limit: number },
): Page {
  const rows = db.all(`${READ} WHERE s.id > ?1 ORDER BY s.id LIMIT ?2`, [
    afterId,
    limit,
  ]);
  const last = rows.at(-1);
  return {
    records: rows.map(readSighting),
    next: last === undefined || rows.length < limit
      ? null
      : readInteger(last, "id"),
  };
}

/** The open sightings, host by host. */
function readOpen(db: HistoryDb): SightingRecord[] {
  return db.all(OPEN).map(readSighting);
}

const OPEN = `${READ} WHERE s.until_at = ${OPEN_UNTIL}
  ORDER BY s.host, s.device`;

/** The last sighting of each disk attached to no host, newest first. */
function readPast(db: HistoryDb, limit: number): SightingRecord[] {
  return db.all(PAST, [limit]).map(readSighting);
}

/** An index lookup per disk, instead of reading all sightings. */
const PAST = `${READ} WHERE s.id IN (
    SELECT id FROM sightings
    WHERE until_at < ${OPEN_UNTIL} AND id IN (
      SELECT (
        SELECT id FROM sightings WHERE disk = disks.id
        ORDER BY until_at DESC LIMIT 1
      ) FROM disks
    ) ORDER BY until_at DESC LIMIT ?1
  ) ORDER BY s.until_at DESC, s.from_at DESC`;

/** A shorter UUID prefix matches too often by chance. */
const MIN_UUID_PREFIX = 4;

/** Largest number of disks found by a name. */
const MAX_FOUND_DISKS = 1_000;

/**
 * The disks with a name, by the first of these that matches: the label; the
 * label ignoring case; serial number, partition label, partition UUID, member
 * UUID or WWN; a UUID prefix. Hexadecimal digits match in any case.
 */
export function findDisks(db: HistoryDb, name: string): DiskRecord[] {
  for (const [where, values] of ways(storedText(name))) {
    const rows = db.all(`${FIND} WHERE ${where} ${IN_ORDER}`, [
      ...values,
      MAX_FOUND_DISKS,
    ]);
    if (rows.length > 0) return rows.map(readDiskRecord);
  }
  return [];
}

const FIND = `SELECT ${DISK_COLUMNS} FROM disks AS d`;
const IN_ORDER = "ORDER BY d.name LIMIT ?3";

/** Conditions in order of preference, with values for `?1` and `?2`. */
function ways(name: string): [where: string, values: [string, string]][] {
  const folded = foldedLabel(name)!;
  const found: [string, [string, string]][] = [
    ["d.folded_label = ?1 AND d.label = ?2", [folded, name]],
    ["d.folded_label = ?1 AND ?2 IS NOT NULL", [folded, name]],
    [BY_OTHER_IDENTIFIER, [name, name]],
  ];
  if (name.length >= MIN_UUID_PREFIX) {
    found.push([BY_UUID, [name, name + LAST_CHARACTER]]);
  }
  return found;
}

const BY_OTHER_IDENTIFIER = `(?1 IN (d.serial, d.partlabel)
  OR ?2 COLLATE NOCASE IN (d.partuuid, d.uuid_sub, d.wwn))`;

const BY_UUID = `d.uuid COLLATE NOCASE >= ?1 AND d.uuid COLLATE NOCASE < ?2`;

/** Sorts after any continuation of a prefix. */
const LAST_CHARACTER = "\u{10ffff}";

/**
 * Largest number of restored hosts: those that were up, then those heard last.
 */
const MAX_RESTORED_HOSTS = 10_000;

/** Largest number of restored disks attached to no host, those seen last. */
const MAX_RESTORED_PAST = 10_000;

/** The state of the last stop. */
export function readRestored(db: HistoryDb): Restored {
  const hosts = db.all(READ_HOSTS, [MAX_RESTORED_HOSTS]).map(readHost);
  const open = Map.groupBy(readOpen(db), ({ host }) => host.hostId);
  const none: SightingRecord[] = [];
  return {
    hosts: hosts.map((host) => ({
      host,
      sightings: open.get(host.hostId) ?? none,
    })),
    past: readPast(db, MAX_RESTORED_PAST),
  };
}

const READ_HOSTS = `SELECT ${HOST_COLUMNS} FROM hosts AS h
  ORDER BY h.state = 'up' DESC, h.heard_at DESC, h.id LIMIT ?1`;
