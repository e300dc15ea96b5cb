import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  checkOwnFile,
  ForeignPlace,
  makeOwnDirectory,
} from "../../system/own_files.ts";
import { reasonOf } from "../../system/reason.ts";
import { HistoryError, toHistoryError } from "./history_error.ts";

/** A value of a query parameter. */
export type Value = string | number | null;

/** A result row, by column. Untrusted: the file may be damaged. */
export type DbRow = Readonly<Record<string, unknown>>;

/** Longest wait for another process to unlock the file. */
const BUSY_TIMEOUT_MS = 100;

/** Size of the log that triggers a checkpoint: small, so that it is short. */
const CHECKPOINT_BYTES = 1_638_400;

/** Memory for pages of the file, in KiB: those that a transaction changes, or else they are written several times. */
const CACHE_KIB = 1_024;

/** SQLite's own choice. */
const PAGE_BYTES = 4_096;

/** Only its owner may read the history. SQLite gives the log the mode of the file. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** chmod(2): the other bits of a mode are the type of file. */
const MODE_BITS = 0o777;

/**
 * The file of the history: cached statements, transactions, and classified
 * errors. Every method throws a `HistoryError`.
 *
 * It locks the file exclusively. Two daemons would each corrupt the other's
 * assumptions about it, and without shared memory nobody can end this process
 * with SIGBUS by truncating that. Nothing else in this process may open the
 * file: closing any descriptor of it would release the lock, see
 * https://sqlite.org/howtocorrupt.html.
 */
export class HistoryDb {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #inode: number | null;
  readonly #statements = new Map<string, StatementSync>();
  #hasBegun = false;
  /** Bytes of the log that are counted in `#written`. */
  #logBytes = 0;
  #written = 0;

  private constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#inode = statOf(path)?.ino ?? null;
  }

  /** Whether its file was removed or renamed, or another one is in its place. */
  get isMoved(): boolean {
    try {
      return (statOf(this.#path)?.ino ?? null) !== this.#inode;
    } catch {
      return false; // Nobody knows.
    }
  }

  /** Opens or creates the file and its directory, and migrates it to the newest schema. */
  static open(path: string, steps = SCHEMA_STEPS): HistoryDb {
    let database: DatabaseSync;
    try {
      makeFile(path);
      database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    } catch (error) {
      throw toHistoryError(error);
    }
    const db = new HistoryDb(database, path);
    try {
      db.#setUp(steps);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Runs a cached statement. Returns the number of changed rows. */
  run(sql: string, values: readonly Value[] = []): number {
    try {
      return Number(this.#prepared(sql).run(...values).changes);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** All rows of a cached query. */
  all(sql: string, values: readonly Value[] = []): DbRow[] {
    try {
      return this.#prepared(sql).all(...values);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** The first row of a cached query. */
  get(sql: string, values: readonly Value[] = []): DbRow | undefined {
    try {
      return this.#prepared(sql).get(...values);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** Runs a statement without caching it. */
  once(sql: string): DbRow[] {
    try {
      return this.#prepare(sql).all();
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** Whether a transaction is open: it outlives a turn of the loop. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Bytes written since it was opened. */
  get written(): number {
    return this.#written;
  }

  /** Begins a transaction, which must be the only one. */
  begin(): void {
    this.run("BEGIN IMMEDIATE");
    this.#hasBegun = true;
  }

  /** Ends the open transaction. */
  commit(): void {
    try {
      this.run("COMMIT");
      this.#hasBegun = false;
    } catch (error) {
      this.rollBack();
      throw toHistoryError(error);
    }
    this.checkpointIfDue();
  }

  /** Undoes the open transaction. */
  rollBack(): void {
    this.#hasBegun = false;
    try {
      this.run("ROLLBACK");
    } catch {
      // After a failure SQLite may already have rolled back.
    }
  }

  /** Applies all of `work` or nothing. Must not be nested. */
  transaction<T>(work: () => T): T {
    this.begin();
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollBack();
      throw toHistoryError(error);
    }
  }

  /** Empties the log if it is long. That writes each page once, however often the log has it. */
  checkpointIfDue(): void {
    const size = statOf(`${this.#path}-wal`)?.size ?? 0;
    this.#written += Math.max(0, size - this.#logBytes);
    this.#logBytes = size;
    if (size < CHECKPOINT_BYTES) return;
    const [row] = this.once("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#written += Number(row?.["checkpointed"] ?? 0) * PAGE_BYTES;
    this.#logBytes = statOf(`${this.#path}-wal`)?.size ?? 0;
  }

  /** Closes the file and never fails: committed data is at least in the log. */
  close(): void {
    this.#statements.clear();
    try {
      // SQLite leaves the log of a moved file where the next file would find it.
      if (this.isMoved) this.once("PRAGMA wal_checkpoint(TRUNCATE)");
      this.#database.close();
    } catch {
      // The log stays, and the next opening reads it.
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Our statements are valid: a rejected one means the tables differ from the file's version. */
  #prepare(sql: string): StatementSync {
    try {
      return this.#database.prepare(sql);
    } catch (thrown) {
      const error = toHistoryError(thrown);
      if (error.kind !== "refused") throw error;
      throw new HistoryError("broken", error.message, { cause: thrown });
    }
  }

  /**
   * The order matters: a file of a newer schema must stay unchanged, and
   * vacuuming must be enabled before a new file has a page.
   */
  #setUp(steps: typeof SCHEMA_STEPS): void {
    this.once("PRAGMA locking_mode = EXCLUSIVE");
    checkVersion(this, steps);
    this.once("PRAGMA auto_vacuum = INCREMENTAL");
    this.once("PRAGMA journal_mode = WAL");
    this.once("PRAGMA synchronous = NORMAL");
    this.once("PRAGMA wal_autocheckpoint = 0");
    this.once("PRAGMA foreign_keys = ON");
    this.once("PRAGMA temp_store = MEMORY");
    this.once(`PRAGMA cache_size = ${-CACHE_KIB}`);
    migrate(this, steps);
  }
}

/** Creates a missing file, never readable by others. */
function makeFile(path: string): void {
  const directory = path.slice(0, path.lastIndexOf("/"));
  makeOwnDirectory(directory, DIRECTORY_MODE);
  for (const suffix of SQLITE_SUFFIXES) restrict(path + suffix);
  const options = { write: true, create: true, mode: FILE_MODE };
  Deno.openSync(path, options).close();
}

/** Suffixes of the files that SQLite opens with a database. */
export const SQLITE_SUFFIXES = ["", "-wal", "-shm", "-journal"] as const;

/** Restricts the mode of an existing file. SQLite would follow a link. */
function restrict(path: string): void {
  try {
    checkOwnFile(path);
  } catch (error) {
    const kind = error instanceof ForeignPlace ? "read-only" : "broken";
    throw new HistoryError(kind, reasonOf(error), { cause: error });
  }
  const found = statOf(path);
  if (found === null) return;
  if ((found.mode! & MODE_BITS) !== FILE_MODE) Deno.chmodSync(path, FILE_MODE);
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * The tables of the history, and the migration of older files.
 *
 * `PRAGMA user_version` counts the steps applied to a file. A released step
 * never changes: further changes are new steps.
 */

/**
 * `until_at` of an open sighting: the last ms of the year 9999. A number
 * instead of NULL, so that an index sorts open sightings after all others.
 */
export const OPEN_UNTIL = 253_402_300_799_999;

/** Of a sighting without texts, with its entries in the indexes. */
const SIGHTING_BYTES = 200;

/** Bytes of the texts of a sighting. */
function textsOf(row: string): string {
  return `octet_length(${row}.device) + octet_length(${row}.mounts)
    + ifnull(octet_length(${row}.label), 0)
    + ifnull(octet_length(${row}.place), 0)`;
}

/** The same, with the rest of its row and the texts of its disk. */
function weightOf(row: string): string {
  return `${SIGHTING_BYTES} + ${textsOf(row)} + (SELECT ifnull(octet_length(
    concat(uuid, label, type, partuuid, partlabel, uuid_sub, model, serial,
      wwn, vg)), 0) FROM disks WHERE id = ${row}.disk)`;
}

/** Each step migrates a file from the version of its index to the next. */
export const SCHEMA_STEPS: readonly (readonly string[])[] = [[
  // addresses: a JSON array. every_ms: announcement interval.
  `CREATE TABLE hosts (
    id INTEGER PRIMARY KEY,
    host_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    version TEXT,
    addresses TEXT NOT NULL,
    every_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    heard_at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX hosts_by_age ON hosts (heard_at)",

  // name: identity across hosts. folded_label: in lower case.
  `CREATE TABLE disks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid TEXT,
    label TEXT,
    type TEXT,
    size INTEGER,
    partuuid TEXT,
    partlabel TEXT,
    uuid_sub TEXT,
    model TEXT,
    serial TEXT,
    wwn TEXT,
    tran TEXT,
    rm INTEGER,
    ro INTEGER,
    folded_label TEXT
  ) STRICT`,
  "CREATE INDEX disks_by_label ON disks (folded_label)",
  "CREATE INDEX disks_by_uuid ON disks (uuid COLLATE NOCASE)",

  // mounts: a JSON array. mounts_until: until when they are known, if not
  // until_at.
  `CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    disk INTEGER NOT NULL REFERENCES disks (id),
    host INTEGER NOT NULL REFERENCES hosts (id),
    device TEXT NOT NULL,
    label TEXT,
    mounts TEXT NOT NULL,
    mounts_until INTEGER,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX sightings_of_disk ON sightings (disk, until_at)",
  "CREATE INDEX sightings_at_host ON sightings (host, until_at)",
  "CREATE INDEX sightings_by_end ON sightings (until_at)",
  `CREATE UNIQUE INDEX sightings_open ON sightings (host, device)
    WHERE until_at = ${OPEN_UNTIL}`,

  // When the daemon was last known to run.
  `CREATE TABLE alive (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    at INTEGER NOT NULL
  ) STRICT`,
], [
  // A disk is found by each of its names. Many disks have only some of them.
  "CREATE INDEX disks_by_serial ON disks (serial) WHERE serial IS NOT NULL",
  `CREATE INDEX disks_by_partlabel ON disks (partlabel)
    WHERE partlabel IS NOT NULL`,
  `CREATE INDEX disks_by_partuuid ON disks (partuuid COLLATE NOCASE)
    WHERE partuuid IS NOT NULL`,
  `CREATE INDEX disks_by_uuid_sub ON disks (uuid_sub COLLATE NOCASE)
    WHERE uuid_sub IS NOT NULL`,
  `CREATE INDEX disks_by_wwn ON disks (wwn COLLATE NOCASE)
    WHERE wwn IS NOT NULL`,
  "CREATE INDEX sightings_at_device ON sightings (device, until_at)",
], [
  "ALTER TABLE disks ADD COLUMN kind TEXT",
  "ALTER TABLE disks ADD COLUMN vg TEXT",
  // place: JSON of what else the host said; NULL: nothing.
  "ALTER TABLE sightings ADD COLUMN place TEXT",
  // Names are looked for in any case.
  "DROP INDEX disks_by_serial",
  `CREATE INDEX disks_by_serial ON disks (serial COLLATE NOCASE)
    WHERE serial IS NOT NULL`,
  "DROP INDEX disks_by_partlabel",
  `CREATE INDEX disks_by_partlabel ON disks (partlabel COLLATE NOCASE)
    WHERE partlabel IS NOT NULL`,
  `CREATE INDEX disks_by_vg ON disks (vg COLLATE NOCASE)
    WHERE vg IS NOT NULL`,
  `CREATE INDEX sightings_by_label ON sightings (label)
    WHERE label IS NOT NULL`,
], [
  // Up to when age counts; see trim.
  `CREATE TABLE trimmed (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    at INTEGER NOT NULL
  ) STRICT`,
  "INSERT INTO trimmed SELECT only_row, at FROM alive",
], [
  // host_name: the name that the host had then, if it has another one now. Of
  // an open sighting it means nothing.
  "ALTER TABLE sightings ADD COLUMN host_name TEXT",
  `CREATE TRIGGER hosts_keep_names BEFORE UPDATE OF name ON hosts
    WHEN old.name <> new.name BEGIN
      UPDATE sightings SET host_name = old.name
      WHERE host = old.id AND until_at < ${OPEN_UNTIL} AND host_name IS NULL;
    END`,
  `CREATE INDEX sightings_by_host_name
    ON sightings (host_name COLLATE NOCASE, host) WHERE host_name IS NOT NULL`,
], [
  // proven: whether the host signed what it said.
  "ALTER TABLE hosts ADD COLUMN proven INTEGER NOT NULL DEFAULT 0",
], [
  // Who fills the file; see quotas.ts. bytes of a sighting: of its texts, and
  // of those of its disk when it began. Of a host: of its sightings.
  "ALTER TABLE sightings ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE hosts ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
  // first_at: when the host was heard first.
  "ALTER TABLE hosts ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0",
  `UPDATE sightings SET bytes = ${weightOf("sightings")}`,
  `UPDATE hosts SET
    bytes = ifnull((SELECT sum(bytes) FROM sightings WHERE host = hosts.id), 0),
    first_at = min(heard_at, ifnull(
      (SELECT min(from_at) FROM sightings WHERE host = hosts.id), heard_at))`,
  `CREATE TRIGGER sightings_weigh AFTER INSERT ON sightings BEGIN
    UPDATE sightings SET bytes = ${weightOf("new")} WHERE id = new.id;
  END`,
  `CREATE TRIGGER sightings_weigh_again
    AFTER UPDATE OF device, label, mounts, place ON sightings
    WHEN (${textsOf("new")}) <> (${textsOf("old")}) BEGIN
      UPDATE sightings
        SET bytes = bytes + (${textsOf("new")}) - (${textsOf("old")})
        WHERE id = new.id;
    END`,
  `CREATE TRIGGER hosts_weigh AFTER UPDATE OF bytes, host ON sightings
    WHEN old.bytes <> new.bytes OR old.host <> new.host BEGIN
    UPDATE hosts SET bytes = bytes - old.bytes WHERE id = old.host;
    UPDATE hosts SET bytes = bytes + new.bytes WHERE id = new.host;
  END`,
  `CREATE TRIGGER hosts_weigh_less AFTER DELETE ON sightings BEGIN
    UPDATE hosts SET bytes = bytes - old.bytes WHERE id = old.host;
  END`,
]];

/** Throws a `HistoryError` of kind `newer` for a file with more steps than known here. */
function checkVersion(db: HistoryDb, steps = SCHEMA_STEPS): void {
  const version = versionOf(db);
  if (version <= steps.length) return;
  throw new HistoryError(
    "newer",
    `its schema version is ${version}, the latest known here ${steps.length}`,
  );
}

/** Applies the missing steps to a file, each whole or not at all. */
function migrate(db: HistoryDb, steps = SCHEMA_STEPS): void {
  for (let version = versionOf(db); version < steps.length; version++) {
    db.transaction(() => {
      for (const statement of steps[version]!) db.once(statement);
      db.once(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

function versionOf(db: HistoryDb): number {
  const [row] = db.once("PRAGMA user_version");
  return Number(row?.["user_version"]);
}
