import { HistoryDb } from "./history_db.ts";
import { HistoryError, toHistoryError } from "./history_error.ts";

export interface OpenedFile {
  readonly db: HistoryDb;
  /** That a broken file was replaced, as a sentence for an admin. */
  readonly notice: string | null;
}

/** Opens the file; a broken one is set aside and another begun. Throws a `HistoryError`. */
export function openOrBegin(path: string, now: number): OpenedFile {
  try {
    return { db: HistoryDb.open(path), notice: null };
  } catch (error) {
    return beginAnew(path, { now, because: toHistoryError(error) });
  }
}

/** Sets a broken file, which must be closed, aside and begins another. Throws `because` when it is not of that kind. */
export function beginAnew(
  path: string,
  { now, because }: { now: number; because: HistoryError },
): OpenedFile {
  if (because.kind !== "broken") throw because;
  const aside = moveAway(path, { now, because });
  const notice = `${path} was broken (${because.message}); it is now ` +
    `${aside}, and a new history was begun`;
  return { db: HistoryDb.open(path), notice };
}

function moveAway(
  path: string,
  { now, because }: { now: number; because: HistoryError },
): string {
  try {
    return setAside(path, now);
  } catch (error) {
    const { message } = toHistoryError(error);
    throw new HistoryError("broken", `${because.message}; ${message}`, {
      cause: error,
    });
  }
}

/** What belongs to a file of SQLite, by what comes after its name. */
const SUFFIXES = ["", "-wal", "-shm"] as const;

/**
 * Renames a broken file, with its log, to `PATH.broken-DATE`, so that it can
 * still be looked into and a new one can be begun. Returns the new path.
 * Throws what Deno throws when that is not possible.
 */
export function setAside(path: string, now: number): string {
  const date = new Date(now).toISOString().slice(0, 19).replaceAll(":", "-");
  const aside = freePath(`${path}.broken-${date}Z`);
  for (const suffix of SUFFIXES) {
    if (exists(path + suffix)) Deno.renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/** Two may break within a second. */
function freePath(path: string): string {
  for (let count = 2, free = path;; free = `${path}-${count++}`) {
    if (!SUFFIXES.some((suffix) => exists(free + suffix))) return free;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
