import { type DbRow, type HistoryDb, OPEN_UNTIL } from "./history_db.ts";
import { hostsOverQuota, MAX_STORED_HOSTS } from "./quotas.ts";
import { readInteger, storedTime } from "./rows.ts";
import { findDiskId, findHostId } from "./write_change.ts";

/** Limits of the history. */
export interface Retention {
  /** Sightings that ended longer ago are dropped. */
  readonly keepDays: number;
  /** Size limit in units of 1,000,000 bytes; beyond it the oldest sightings of the hosts with most are dropped. */
  readonly maxMegabytes: number;
}

/** Sightings dropped in a step, so that it takes only some ms. */
export const MAX_ROWS_A_TRIM = 100;

/** Pages returned to the file system in a step. */
const MAX_PAGES_A_TRIM = 100;

/** Part of the size limit beyond it that waits for the next hour. */
const MAX_EXCESS = 1 / 16;

const DAY_MS = 24 * 60 * 60 * 1_000;
const MEGABYTE = 1_000_000;

/** Part of `keepDays` by which a pass of `trim` may age the history more than time passed. */
const MAX_AGEING = 1 / 20;

/**
 * The time that counts as now for a pass of `trim`. A clock may be set to a
 * later year by mistake, even over a restart, so what it says is believed
 * little by little.
 */
export function ageTo(
  db: HistoryDb,
  { now, keepDays }: Pick<Retention, "keepDays"> & { readonly now: number },
): number {
  const before = db.get("SELECT at FROM trimmed");
  const furthest = before === undefined
    ? now
    : readInteger(before, "at") + keepDays * DAY_MS * MAX_AGEING;
  const at = storedTime(Math.min(now, furthest));
  db.run(WRITE_TRIMMED, [at]);
  return at;
}

const WRITE_TRIMMED = `INSERT INTO trimmed (only_row, at) VALUES (1, ?1)
  ON CONFLICT (only_row) DO UPDATE SET at = ?1`;

/** Drops a few sightings beyond the limits of age and size. Returns whether there is more to do. */
export function trim(
  db: HistoryDb,
  { now, keepDays, maxMegabytes }: Retention & {
    /** `null`: nothing is too old. */
    readonly now: number | null;
  },
): boolean {
  const oldest = now === null ? 0 : now - keepDays * DAY_MS;
  return dropFound(db, EXPIRED, oldest) ||
    dropFound(db, OF_SILENT_HOSTS, oldest) ||
    dropSilentHosts(db, oldest) ||
    shorten(db, maxMegabytes * MEGABYTE) ||
    giveBack(db);
}

function dropFound(db: HistoryDb, sql: string, before: number): boolean {
  return dropSightings(db, db.all(sql, [before, MAX_ROWS_A_TRIM])) > 0;
}

const EXPIRED = `SELECT id, disk, host FROM sightings
  WHERE until_at < ?1 ORDER BY until_at LIMIT ?2`;

/** Open sightings of hosts that are not up: nothing will end them any more. */
const OF_SILENT_HOSTS = `SELECT s.id, s.disk, s.host
  FROM hosts AS h CROSS JOIN sightings AS s ON s.host = h.id
  WHERE h.state <> 'up' AND h.heard_at < ?1 AND s.until_at = ${OPEN_UNTIL}
  ORDER BY h.heard_at LIMIT ?2`;

function dropSilentHosts(db: HistoryDb, before: number): boolean {
  return db.run(DROP_SILENT_HOSTS, [before, MAX_ROWS_A_TRIM]) > 0;
}

const DROP_SILENT_HOSTS = `DELETE FROM hosts WHERE id IN (
  SELECT id FROM hosts AS h WHERE state <> 'up' AND heard_at < ?1
    AND NOT EXISTS (SELECT 1 FROM sightings WHERE host = h.id)
  ORDER BY heard_at LIMIT ?2)`;

/** Whether the file is larger than its limit by so much that it cannot wait. */
export function isTooLarge(
  db: HistoryDb,
  { maxMegabytes }: Retention,
): boolean {
  return usedBytes(db) > maxMegabytes * MEGABYTE * (1 + MAX_EXCESS);
}

/** Drops the oldest sightings of the hosts that have more than their part of a file that is too large. */
function shorten(db: HistoryDb, maxBytes: number): boolean {
  const bytes = usedBytes(db);
  const isCrowded = countHosts(db) > MAX_STORED_HOSTS;
  if (bytes <= maxBytes && !isCrowded) return false;
  let room = MAX_ROWS_A_TRIM;
  const rows: DbRow[] = [];
  for (const host of hostsOverQuota(db, { bytes, maxBytes })) {
    const some = db.all(OLDEST_OF, [host.id, room]);
    let excess = host.excess;
    const dropped = some.filter((row) => {
      const isOver = excess > 0;
      excess -= readInteger(row, "bytes");
      return isOver;
    });
    rows.push(...dropped);
    if (some.length === 0) room -= db.run(DROP_EMPTY_HOST, [host.id]);
    room -= dropped.length;
    if (room <= 0) break;
  }
  return dropSightings(db, rows) > 0 || room < MAX_ROWS_A_TRIM;
}

/** Also if it is up: it is written again when it changes. */
const DROP_EMPTY_HOST = "DELETE FROM hosts WHERE id = ?1";

const OLDEST_OF = `SELECT id, disk, host, bytes FROM sightings
  WHERE host = ?1 ORDER BY until_at LIMIT ?2`;

function usedBytes(db: HistoryDb): number {
  const pages = pragma(db, "page_count") - pragma(db, "freelist_count");
  return pages * pragma(db, "page_size");
}

function countHosts(db: HistoryDb): number {
  return readInteger(db.get("SELECT count(*) AS number FROM hosts")!, "number");
}

/** Dropped rows leave holes; the file does not shrink by itself. */
function giveBack(db: HistoryDb): boolean {
  if (pragma(db, "freelist_count") === 0) return false;
  db.once(`PRAGMA incremental_vacuum(${MAX_PAGES_A_TRIM})`);
  return pragma(db, "freelist_count") > 0;
}

function pragma(db: HistoryDb, name: string): number {
  return readInteger(db.once(`PRAGMA ${name}`)[0]!, name);
}

/**
 * Drops sightings, given as rows with `id`, `disk` and `host`, and the disks
 * and hosts left without any, except hosts that are up. Returns the number
 * dropped.
 */
function dropSightings(db: HistoryDb, rows: readonly DbRow[]): number {
  if (rows.length === 0) return 0;
  db.transaction(() => {
    for (const id of distinct(rows, "id")) db.run(DROP_SIGHTING, [id]);
    for (const disk of distinct(rows, "disk")) db.run(DROP_DISK, [disk]);
    for (const host of distinct(rows, "host")) db.run(DROP_HOST, [host]);
  });
  return rows.length;
}

/** Drops a disk with all its sightings. Returns their number. */
export function forgetDisk(db: HistoryDb, name: string): number {
  const disk = findDiskId(db, name);
  if (disk === null) return 0;
  return db.transaction(() => {
    const dropped = db.run("DELETE FROM sightings WHERE disk = ?1", [disk]);
    db.run("DELETE FROM disks WHERE id = ?1", [disk]);
    return dropped;
  });
}

/**
 * Drops a host, up or not, with all sightings there and disks known nowhere
 * else. Returns the number of sightings.
 */
export function forgetHost(db: HistoryDb, hostId: string): number {
  const host = findHostId(db, hostId);
  if (host === null) return 0;
  return db.transaction(() => {
    const rows = db.all("SELECT DISTINCT disk FROM sightings WHERE host = ?1", [
      host,
    ]);
    const dropped = db.run("DELETE FROM sightings WHERE host = ?1", [host]);
    db.run("DELETE FROM hosts WHERE id = ?1", [host]);
    for (const disk of distinct(rows, "disk")) db.run(DROP_DISK, [disk]);
    return dropped;
  });
}

function distinct(rows: readonly DbRow[], column: string): Set<number> {
  return new Set(rows.map((row) => readInteger(row, column)));
}

const DROP_SIGHTING = "DELETE FROM sightings WHERE id = ?1";

const DROP_DISK = `DELETE FROM disks WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM sightings WHERE disk = ?1)`;

const DROP_HOST = `DELETE FROM hosts WHERE id = ?1 AND state <> 'up'
  AND NOT EXISTS (SELECT 1 FROM sightings WHERE host = ?1)`;
