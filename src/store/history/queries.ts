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
  readDisk,
  readHost,
  readInteger,
  readSighting,
  SIGHTING_COLUMNS,
  storedText,
  storedTime,
} from "./rows.ts";
import { findDiskId, findHostId } from "./write_change.ts";

/**
 * Sightings, newest first: those that have not ended, then by their end, then
 * by their beginning.
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

/** What each disk gave is in this order already; together they are not. */
function newestFirst(rows: DbRow[]): DbRow[] {
  return rows.sort((a, b) =>
    readInteger(b, "until_at") - readInteger(a, "until_at") ||
    readInteger(b, "from_at") - readInteger(a, "from_at")
  );
}

/** A cross join keeps its order: the sightings are found first, by an index. */
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
  /** To be given as `afterId` for what follows; `null` when nothing does. */
  readonly next: number | null;
}

/** All sightings in the order in which they were written, some at a time. The first page is after 0. */
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

/** The sightings that have not ended, host by host. */
function readOpen(db: HistoryDb): SightingRecord[] {
  return db.all(OPEN).map(readSighting);
}

const OPEN = `${READ} WHERE s.until_at = ${OPEN_UNTIL}
  ORDER BY s.host, s.device`;

/** The last sighting of each disk that is at no host, newest first. */
function readPast(db: HistoryDb, limit: number): SightingRecord[] {
  return db.all(PAST, [limit]).map(readSighting);
}

/** One look into an index for each disk, so that not all sightings are read. */
const PAST = `${READ} WHERE s.id IN (
    SELECT id FROM sightings
    WHERE until_at < ${OPEN_UNTIL} AND id IN (
      SELECT (
        SELECT id FROM sightings WHERE disk = disks.id
        ORDER BY until_at DESC LIMIT 1
      ) FROM disks
    ) ORDER BY until_at DESC LIMIT ?1
  ) ORDER BY s.until_at DESC, s.from_at DESC`;

/** A shorter beginning of a UUID is too likely to be one by chance. */
const MIN_UUID_PREFIX = 4;

/** Disks found by one name. */
const MAX_FOUND_DISKS = 1_000;

/**
 * The disks that go by a name: those of that label; else of that label but for
 * case; else those that have it as a serial number, partition label, partition
 * UUID, member UUID or WWN; else those whose UUID begins like this. Whether
 * hexadecimal digits are upper case does not count.
 */
export function findDisks(db: HistoryDb, name: string): DiskRecord[] {
  for (const [where, values] of ways(storedText(name))) {
    const rows = db.all(`${FIND} WHERE ${where} ${IN_ORDER}`, [
      ...values,
      MAX_FOUND_DISKS,
    ]);
    if (rows.length > 0) return rows.map(readDisk);
  }
  return [];
}

const FIND = `SELECT ${DISK_COLUMNS} FROM disks AS d`;
const IN_ORDER = "ORDER BY d.name LIMIT ?3";

/** Conditions, the first that any disk meets decides, with values for `?1` and `?2`. */
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

/** Comes after whatever else may follow a beginning. */
const LAST_CHARACTER = "\u{10ffff}";

/** Hosts that are restored: those that were up, then those heard last. */
const MAX_RESTORED_HOSTS = 10_000;

/** Disks at no host that are restored, those seen last. */
const MAX_RESTORED_PAST = 10_000;

/** What was known when the daemon stopped. */
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
