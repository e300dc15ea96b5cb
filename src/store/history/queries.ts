import {
  type DiskIdentifiers,
  type HostIdentifiers,
  NAME_WAYS,
  type NameWay,
  type Resolved,
  resolveDisks,
} from "../../inventory/resolve.ts";
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
  readText,
  SIGHTING_COLUMNS,
  storedText,
  storedTime,
} from "./rows.ts";
import { findDiskId, findHostId } from "./write_change.ts";

/** Sightings, newest first: open ones, then the others by their end, then by their beginning. */
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

/** Largest number of disks, or of places, looked at for a way to name one. */
const MAX_CANDIDATES = 1_000;

/**
 * The disks that a name means, by identity. The database selects those that may
 * fit, at most `MAX_CANDIDATES` for each way to name a disk; the choice among
 * them is that of `resolveDisks`.
 */
export function findDisks(db: HistoryDb, name: string): Resolved<DiskRecord> {
  const wanted = storedText(name);
  const candidates = NAME_WAYS.flatMap((way) => {
    const { sql, values } = selectionOf(way, wanted);
    return db.all(sql, [...values, MAX_CANDIDATES]).map(readCandidate);
  });
  const { found, rank } = resolveDisks(wanted, candidates, (one) => one);
  const disks = new Map(found.map(({ disk }) => [disk.name, disk]));
  return { found: [...disks.values()].sort(byName), rank };
}

/** A disk that may be meant. */
interface Candidate extends DiskIdentifiers {
  readonly disk: DiskRecord;
}

function readCandidate(row: DbRow): Candidate {
  const disk = readDiskRecord(row);
  const device = Object.hasOwn(row, "device") ? readText(row, "device") : null;
  return { ...disk, disk, device };
}

function byName(a: DiskRecord, b: DiskRecord): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Selects all disks that fit in this way, and perhaps more. The last parameter is a limit. */
function selectionOf({ field, how }: NameWay, name: string): Selection {
  if (field === "device") return { sql: AT_DEVICE, values: [name] };
  if (field === "label") {
    return { sql: LABELLED, values: [foldedLabel(name), name] };
  }
  const column = `d.${field}`;
  switch (how) {
    case "equal":
      return select(`${column} = ?1`, [name]);
    case "folded":
      return select(`${column} = ?1 COLLATE NOCASE OR ${column} ${FOREIGN}`, [
        name,
      ]);
    case "hex":
      return select(`${column} = ?1 COLLATE NOCASE`, [name]);
    case "hexPrefix": {
      const hex = `${column} COLLATE NOCASE`;
      return select(`${hex} >= ?1 AND ${hex} < ?2`, [
        name,
        name + LAST_CHARACTER,
      ]);
    }
  }
}

interface Selection {
  readonly sql: string;
  readonly values: readonly string[];
}

function select(where: string, values: readonly string[]): Selection {
  const limit = `?${values.length + 1}`;
  const sql = `${FIND} WHERE ${where} ORDER BY d.name LIMIT ${limit}`;
  return { sql, values };
}

/** SQLite ignores the case of ASCII alone, so all other texts are selected. */
const FOREIGN = "GLOB '*[^ -~]*'";

/** Sorts after any continuation of a prefix. */
const LAST_CHARACTER = "\u{10ffff}";

const FIND = `SELECT ${DISK_COLUMNS} FROM disks AS d`;

/** In any case; the label as typed comes first. */
const LABELLED = `${FIND} WHERE d.folded_label = ?1
  ORDER BY d.label = ?2 DESC, d.name LIMIT ?3`;

/** Disks that are at a device, or were there when last seen. */
const AT_DEVICE = `SELECT ${DISK_COLUMNS}, s.device FROM (
    SELECT disk, device, until_at FROM sightings
    WHERE device = ?1 ORDER BY until_at DESC LIMIT ?2
  ) AS s CROSS JOIN disks AS d ON d.id = s.disk
  WHERE s.until_at = (SELECT max(until_at) FROM sightings WHERE disk = d.id)`;

/** The hosts that a name may mean, at most `MAX_CANDIDATES`. */
export function findHosts(db: HistoryDb, name: string): HostIdentifiers[] {
  return db.all(FIND_HOSTS, [storedText(name), MAX_CANDIDATES])
    .map((row) => ({
      id: readText(row, "host_id"),
      name: readText(row, "name"),
    }));
}

const FIND_HOSTS = `SELECT host_id, name FROM hosts
  WHERE host_id = ?1 OR name = ?1 COLLATE NOCASE OR name ${FOREIGN}
  ORDER BY host_id = ?1 DESC, name = ?1 DESC, id LIMIT ?2`;

/** Largest number of restored hosts: those that were up, then those heard last. */
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
