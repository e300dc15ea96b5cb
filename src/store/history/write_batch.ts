import type { Change } from "./change.ts";
import type { HistoryDb } from "./history_db.ts";
import { type HistoryError, toHistoryError } from "./history_error.ts";
import { writeChange } from "./write_change.ts";

/** Writes changes in one transaction. Returns why one of them was left out, if one was: that must not hold up the others for ever. */
export function writeBatch(
  db: HistoryDb,
  batch: readonly Change[],
): HistoryError | null {
  let refused: HistoryError | null = null;
  db.transaction(() => {
    for (const change of batch) refused = tryChange(db, change) ?? refused;
  });
  return refused;
}

function tryChange(db: HistoryDb, change: Change): HistoryError | null {
  try {
    writeChange(db, change);
    return null;
  } catch (thrown) {
    const error = toHistoryError(thrown);
    if (error.kind === "refused") return error;
    throw error;
  }
}
