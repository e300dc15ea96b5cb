import type { HistoryDb, Row } from "./history_db.ts";
import { readInteger, readSighting, SIGHTING_COLUMNS } from "./read_row.ts";
import type { SightingQuery, SightingRecord } from "./records.ts";
import { OPEN_UNTIL } from "./schema.ts";
import { storedTime } from "./stored.ts";
import { findDiskId } from "./write_disk.ts";
import { findHostId } from "./write_host.ts";

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

function readOfDisk(db: HistoryDb, query: DiskQuery): Row[] {
  const { disk, host, after, limit } = query;
  if (disk === null) return [];
  return host === null
    ? db.all(OF_DISK, [after, limit, disk])
    : db.all(OF_DISK_AT_HOST, [after, limit, disk, host]);
}

/** What each disk gave is in this order already; together they are not. */
function newestFirst(rows: Row[]): Row[] {
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
export function readOpen(db: HistoryDb): SightingRecord[] {
  return db.all(OPEN).map(readSighting);
}

const OPEN = `${READ} WHERE s.until_at = ${OPEN_UNTIL}
  ORDER BY s.host, s.device`;

/** The last sighting of each disk that is at no host, newest first. */
export function readPast(db: HistoryDb, limit: number): SightingRecord[] {
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
