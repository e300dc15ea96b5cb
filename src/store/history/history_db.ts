import { DatabaseSync, type StatementSync } from "node:sqlite";
import { HistoryError, toHistoryError } from "./history_error.ts";
import { checkVersion, migrate, SCHEMA_STEPS } from "./schema.ts";

/** What can be bound to a parameter. */
export type Value = string | number | null;

/** What was read, by column. Not to be trusted: the file may be damaged. */
export type Row = Readonly<Record<string, unknown>>;

/** How long an opening waits for another process to let go of the file. */
export const BUSY_TIMEOUT_MS = 100;

/** Pages of the log after which they go to the file: few, so that it is soon done. */
export const CHECKPOINT_PAGES = 100;

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
  all(sql: string, values: readonly Value[] = []): Row[] {
    try {
      return this.#prepared(sql).all(...values);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** The first row of a query that will be made again. */
  get(sql: string, values: readonly Value[] = []): Row | undefined {
    try {
      return this.#prepared(sql).get(...values);
    } catch (error) {
      throw toHistoryError(error);
    }
  }

  /** Runs a statement that will not be run again. */
  once(sql: string): Row[] {
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
