import { HistoryDb } from "./history_db.ts";
import { HistoryError, toHistoryError } from "./history_error.ts";
import { setAside } from "./set_aside.ts";

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
