import { FACT_NAMES, type FactName } from "../../inventory/disk.ts";
import { nameWithoutId } from "../../inventory/host_names.ts";
import {
  type DiskIdentifiers,
  type HostIdentifiers,
  type NameTest,
  nameTests,
  NOTHING_FOUND,
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

/** The number of all sightings of a disk, by its identity, or on a host. */
export function countSightings(
  db: HistoryDb,
  of: { readonly disk: string } | { readonly hostId: string },
): number {
  const [column, id] = "disk" in of
    ? ["disk", findDiskId(db, of.disk)] as const
    : ["host", findHostId(db, of.hostId)] as const;
  const sql = `SELECT count(*) AS number FROM sightings WHERE ${column} = ?1`;
  return id === null ? 0 : readInteger(db.get(sql, [id])!, "number");
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

/**
 * The last sighting of each disk that has left, newest first; of an attached
 * one if it left another host later, which had a copy of it.
 */
function readPast(db: HistoryDb, limit: number): SightingRecord[] {
  return db.all(PAST, [limit]).map(readSighting);
}

/** An index lookup per disk, instead of reading all sightings. */
const PAST = `${READ} WHERE s.id IN (
    SELECT id FROM sightings AS one
    WHERE id IN (
      SELECT (
        SELECT id FROM sightings
        WHERE disk = disks.id AND until_at < ${OPEN_UNTIL}
        ORDER BY until_at DESC LIMIT 1
      ) FROM disks
    ) AND NOT EXISTS (
      SELECT 1 FROM sightings
      WHERE disk = one.disk AND until_at = ${OPEN_UNTIL}
        AND from_at >= one.until_at
    ) ORDER BY until_at DESC LIMIT ?1
  ) ORDER BY s.until_at DESC, s.from_at DESC`;

/** Largest number of disks, or of places, looked at for a rank. */
const MAX_CANDIDATES = 1_000;

/**
 * The disks that a name means, by identity. The database selects those that may
 * fit, rank by rank and at most `MAX_CANDIDATES` each; the choice among them is
 * that of `resolveDisks`.
 */
export function findDisks(db: HistoryDb, name: string): Resolved<DiskRecord> {
  const wanted = storedText(name);
  const byRank = Map.groupBy(nameTests(wanted), ({ rank }) => rank);
  const candidates: Candidate[] = [];
  for (const [asked, tests] of byRank) {
    candidates.push(...mayFit(db, tests));
    const { found, rank, isSeveral } = resolveDisks(wanted, candidates, {
      diskOf: (one) => one,
      hostOf: ({ host }) => host,
    });
    if (rank > asked) continue;
    const disks = new Map(found.map(({ disk }) => [disk.name, disk]));
    return { found: [...disks.values()].sort(byName), rank, isSeveral };
  }
  return NOTHING_FOUND;
}

/** A disk that may be meant, where it is or was last. */
interface Candidate extends DiskIdentifiers {
  readonly disk: DiskRecord;
  readonly host: HostIdentifiers;
}

function mayFit(db: HistoryDb, tests: readonly NameTest[]): Candidate[] {
  const selections = tests.flatMap(({ field, pattern }) =>
    selectionOf(field, pattern) ?? []
  );
  const of = (table: Selection["table"]) => {
    const parts = selections.filter((one) => one.table === table);
    if (parts.length === 0) return [];
    const sql = FIND[table](parts.map(({ where }) => where));
    const values = parts.flatMap(({ values }) => values);
    return db.all(sql, [...values, MAX_CANDIDATES]).map(readCandidate);
  };
  return [
    ...of("disks"),
    ...of("lastPlaces"),
    ...of("devices"),
    ...of("labels"),
  ];
}

function readCandidate(row: DbRow): Candidate {
  const disk = readDiskRecord(row);
  const host = { id: readText(row, "host_id"), name: readText(row, "host") };
  const device = readText(row, "device");
  const label = row["former_label"];
  const formerLabel = typeof label === "string" ? label : null;
  return { ...disk, disk, host, device, formerLabel };
}

function byName(a: DiskRecord, b: DiskRecord): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** A condition for all disks that fit a pattern, and perhaps more. */
interface Selection {
  readonly table: keyof typeof FIND;
  readonly where: string;
  readonly values: readonly string[];
}

/** `null`: the history does not know the field, or only at the time of the sighting. */
function selectionOf(
  field: NameTest["field"],
  { op, texts }: NameTest["pattern"],
): Selection | null {
  if (field === "formerLabel") return oneOf("labels", "label", texts);
  if (field === "device" && op === "equal") {
    return oneOf("devices", "device", texts);
  }
  if (!isFact(field) && field !== "device") return null;
  const table = field === "device" ? "lastPlaces" : "disks";
  const column = field === "device" ? "s.device" : `d.${field}`;
  const anyOf = (where: string) => texts.map(() => where).join(" OR ");
  switch (op) {
    case "equal":
    case "caseless":
    case "folded": {
      const some = field === "label"
        ? oneOf(table, "d.folded_label", texts.map((text) => foldedLabel(text)))
        : oneOf(table, `${column} COLLATE NOCASE`, texts);
      return op === "equal" ? both(some, oneOf(table, column, texts)) : some;
    }
    case "prefix": {
      const hex = `${column} COLLATE NOCASE`;
      const values = texts.flatMap((text) => [text, text + LAST_CHARACTER]);
      return { table, where: anyOf(`${hex} >= ? AND ${hex} < ?`), values };
    }
    case "suffix":
    case "word":
    case "glob": {
      const values = texts.map((text) => likePattern(text, op));
      return { table, where: anyOf(`${column} LIKE ? ESCAPE '\\'`), values };
    }
  }
}

function both(one: Selection, other: Selection): Selection {
  return {
    table: one.table,
    where: `${one.where} AND ${other.where}`,
    values: [...one.values, ...other.values],
  };
}

function isFact(field: string): field is FactName {
  return FACT_NAMES.some((name) => name === field);
}

function oneOf(
  table: Selection["table"],
  column: string,
  texts: readonly string[],
): Selection {
  const where = `${column} IN (SELECT value FROM json_each(?))`;
  return { table, where, values: [JSON.stringify(texts)] };
}

/** A `?` stands for a UTF-16 unit, of which SQLite knows nothing. */
function likePattern(text: string, op: "suffix" | "word" | "glob"): string {
  const literal = text.replaceAll(/[\\%_]/g, "\\$&");
  if (op === "glob") return literal.replaceAll(/[*?]/g, "%");
  return op === "suffix" ? `%${literal}` : `%${literal}%`;
}

/** SQLite ignores the case of ASCII alone, so all other texts are selected. */
const FOREIGN = "GLOB '*[^ -~]*'";

/** Sorts after any continuation of a prefix. */
const LAST_CHARACTER = "\u{10ffff}";

const CANDIDATE_COLUMNS = `${DISK_COLUMNS}, h.host_id, h.name AS host`;

const LAST_PLACE = `CROSS JOIN sightings AS s ON s.id = (
    SELECT id FROM sightings WHERE disk = d.id
    ORDER BY until_at DESC LIMIT 1
  ) CROSS JOIN hosts AS h ON h.id = s.host`;

/** Queries for candidates by any of several conditions. The last parameter is a limit. */
const FIND = {
  /** A query for each condition uses the index of each; a single one would read all disks. */
  disks: (wheres: readonly string[]) =>
    `SELECT ${CANDIDATE_COLUMNS}, s.device FROM (${
      wheres.map((where) => `SELECT id FROM disks AS d WHERE ${where}`)
        .join(" UNION ")
    } LIMIT ?) AS ids CROSS JOIN disks AS d ON d.id = ids.id ${LAST_PLACE}`,
  lastPlaces: (wheres: readonly string[]) =>
    `SELECT ${CANDIDATE_COLUMNS}, s.device FROM disks AS d ${LAST_PLACE}
    WHERE ${wheres.join(" OR ")} LIMIT ?`,
  /** Disks that are at a device, or were there when last seen. */
  devices: (wheres: readonly string[]) =>
    `SELECT ${CANDIDATE_COLUMNS}, s.device FROM (
      SELECT disk, host, device, until_at FROM sightings
      WHERE ${wheres.join(" OR ")} ORDER BY until_at DESC LIMIT ?
    ) AS s CROSS JOIN disks AS d ON d.id = s.disk
    CROSS JOIN hosts AS h ON h.id = s.host
    WHERE s.until_at = (SELECT max(until_at) FROM sightings WHERE disk = d.id)`,
  /** Disks that had a label. */
  labels: (wheres: readonly string[]) =>
    `SELECT ${CANDIDATE_COLUMNS}, s.device, s.label AS former_label FROM (
      SELECT disk, host, device, label FROM sightings
      WHERE ${wheres.join(" OR ")} LIMIT ?
    ) AS s CROSS JOIN disks AS d ON d.id = s.disk
    CROSS JOIN hosts AS h ON h.id = s.host`,
};

/** The hosts that a name may mean, at most `MAX_CANDIDATES`. */
export function findHosts(db: HistoryDb, name: string): HostIdentifiers[] {
  const plain = storedText(nameWithoutId(name));
  return db.all(FIND_HOSTS, [storedText(name), MAX_CANDIDATES, plain])
    .map((row) => ({
      id: readText(row, "host_id"),
      name: readText(row, "name"),
    }));
}

/** By name, also a former one. */
const FIND_HOSTS = `SELECT host_id, name FROM (
    SELECT host_id, name, id FROM hosts
    WHERE host_id = ?1 OR name = ?1 COLLATE NOCASE
      OR name = ?3 COLLATE NOCASE OR name ${FOREIGN}
    UNION SELECT h.host_id, s.host_name, h.id
    FROM sightings AS s CROSS JOIN hosts AS h ON h.id = s.host
    WHERE s.host_name IS NOT NULL
      AND s.host_name COLLATE NOCASE IN (?1, ?3)
  ) ORDER BY host_id = ?1 DESC, name = ?1 DESC, id LIMIT ?2`;

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
