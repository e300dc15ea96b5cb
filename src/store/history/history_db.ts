import { DatabaseSync, type StatementSync } from "node:sqlite";
import { HistoryError, toHistoryError } from "./history_error.ts";

/** What can be bound to a parameter. */
export type Value = string | number | null;

/** What was read, by column. Not to be trusted: the file may be damaged. */
export type DbRow = Readonly<Record<string, unknown>>;

/** How long an opening waits for another process to let go of the file. */
const BUSY_TIMEOUT_MS = 100;

/** Pages of the log after which they go to the file: few, so that it is soon done. */
const CHECKPOINT_PAGES = 100;

/** Memory for pages of the file, in KiB. */
const CACHE_KIB = 4_096;

/** Only its owner may read where everybody's disks have been. SQLite gives the log the mode of the file. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** chmod(2): the rest of a mode is the kind of file. */
const MODE_BITS = 0o777;

/**
 * The file of the history: statements that are prepared once, transactions,
 * and errors that say of which kind they are. Every method throws a
 * `HistoryError`.
 *
 * It takes the file for itself alone. Two daemons would spoil what the other
 * knows to be written; and without shared memory nobody who truncates that can
 * end us with SIGBUS. Nothing else in this process may open the file
 * meanwhile: closing any descriptor of it would let go of the lock, see
 * https://sqlite.org/howtocorrupt.html.
 */
export class HistoryDb {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Opens the file, or makes it, with its directory, and brings it to the newest schema. */
  static open(path: string, steps = SCHEMA_STEPS): HistoryDb {
    let database: DatabaseSync;
    try {
      makeFile(path);
      database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    } catch (error) {
      throw toHistoryError(error);
    }
    const db = new HistoryDb(database);
    try {
      db.#setUp(steps);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Runs a statement that will be run again. Returns how many rows it changed. */
  run(sql: string, values: readonly Value[] = []): number {
    try {
      return Number(this.#prepared(sql).run(...values).changes);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** All rows of a query that will be made again. */
  all(sql: string, values: readonly Value[] = []): DbRow[] {
    try {
      return this.#prepared(sql).all(...values);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** The first row of a query that will be made again. */
  get(sql: string, values: readonly Value[] = []): DbRow | undefined {
    try {
      return this.#prepared(sql).get(...values);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** Runs a statement that will not be run again. */
  once(sql: string): DbRow[] {
    try {
      return this.#prepare(sql).all();
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** Does all of `work` or nothing of it. Not to be nested. */
  transaction<T>(work: () => T): T {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw toHistoryError(error);
    }
  }

  /** Closes the file, without a failure: what was committed is in the log at least. */
  close(): void {
    this.#statements.clear();
    try {
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

  /** Our statements are right: one that is refused meets other tables than the version of the file promises. */
  #prepare(sql: string): StatementSync {
    try {
      return this.#database.prepare(sql);
    } catch (thrown) {
      const error = toHistoryError(thrown);
      if (error.kind !== "refused") throw error;
      throw new HistoryError("broken", error.message, { cause: thrown });
    }
  }

  /** After a failure SQLite may have rolled back by itself. */
  #rollBack(): void {
    try {
      this.run("ROLLBACK");
    } catch {
      // There was nothing left to roll back.
    }
  }

  /** The order counts: nothing is written to a file of a newer schema, and a new one must know that it is to be vacuumed before it has a page. */
  #setUp(steps: typeof SCHEMA_STEPS): void {
    this.once("PRAGMA locking_mode = EXCLUSIVE");
    checkVersion(this, steps);
    this.once("PRAGMA auto_vacuum = INCREMENTAL");
    this.once("PRAGMA journal_mode = WAL");
    this.once("PRAGMA synchronous = NORMAL");
    this.once(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    this.once("PRAGMA foreign_keys = ON");
    this.once("PRAGMA temp_store = MEMORY");
    this.once(`PRAGMA cache_size = ${-CACHE_KIB}`);
    migrate(this, steps);
  }
}

/** Makes the file, where there is none, so that nobody else can read it at any time. */
function makeFile(path: string): void {
  const directory = path.slice(0, path.lastIndexOf("/"));
  Deno.mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
  restrict(path);
  restrict(`${path}-wal`);
  const options = { write: true, create: true, mode: FILE_MODE };
  Deno.openSync(path, options).close();
}

/** Sees to the mode of a file that was there before. What is no file is not to be opened: a pipe would make us wait for ever. */
function restrict(path: string): void {
  const found = statOf(path);
  if (found === null) return;
  if (!found.isFile) {
    throw new HistoryError("broken", `${path} is not a regular file`);
  }
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
 * The tables of the history, and how older files are brought to them.
 *
 * `PRAGMA user_version` counts the steps that a file has been through. A step
 * that was released never changes: what is to be different is a new step.
 */

/**
 * `until_at` of a sighting that has not ended: the last ms of the year 9999.
 * A number, not NULL, so that an index has these after all that have ended.
 */
export const OPEN_UNTIL = 253_402_300_799_999;

/** Each takes a file from the version of its index to the next one. */
export const SCHEMA_STEPS: readonly (readonly string[])[] = [[
  // addresses: a JSON array. every_ms: how often it announces.
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

  // name: what makes it the same disk on every host. folded_label: in lower case.
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

  // mounts: a JSON array. mounts_until: until when those are known, where that
  // is not until_at.
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

  // The time at which the daemon is known to have run last.
  `CREATE TABLE alive (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    at INTEGER NOT NULL
  ) STRICT`,
]];

/** Throws a `HistoryError` of kind `newer` for a file that has been through more steps than there are. */
function checkVersion(db: HistoryDb, steps = SCHEMA_STEPS): void {
  const version = versionOf(db);
  if (version <= steps.length) return;
  throw new HistoryError(
    "newer",
    `its schema version is ${version}, the latest known here ${steps.length}`,
  );
}

/** Takes a file through the steps that it lacks, each whole or not at all. */
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
