import { HistoryDb, SQLITE_SUFFIXES } from "./history_db.ts";
import { HistoryError, toHistoryError } from "./history_error.ts";

export interface OpenedFile {
  readonly db: HistoryDb;
  /** Reports a replaced broken file, as a sentence for an administrator. */
  readonly notice: string | null;
}

/** Opens the file; sets a broken one aside and begins another. Throws a `HistoryError`. */
export function openOrBegin(path: string, now: number): OpenedFile {
  try {
    return { db: HistoryDb.open(path), notice: null };
  } catch (error) {
    return beginAnew(path, { now, because: toHistoryError(error) });
  }
}

/**
 * Sets a broken file, already closed, aside and begins another. Throws
 * `because` if it is of another kind.
 */
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

/**
 * Renames a broken file and its log to `PATH.broken-DATE`, so that it can be
 * examined. Returns the new path. Throws Deno's error if that is not possible.
 */
export function setAside(path: string, now: number): string {
  const date = new Date(now).toISOString().slice(0, 19).replaceAll(":", "-");
  const aside = freePath(`${path}.broken-${date}Z`);
  for (const suffix of SQLITE_SUFFIXES) {
    if (exists(path + suffix)) Deno.renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/** Two files may break within a second. */
function freePath(path: string): string {
  for (let count = 2, free = path;; free = `${path}-${count++}`) {
    if (!SQLITE_SUFFIXES.some((suffix) => exists(free + suffix))) return free;
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
