import type { History, HistoryOptions } from "./history.ts";
import { describeHistoryFailure, toHistoryError } from "./history_error.ts";

/** The history, or why there is none. */
export interface OpenedHistory {
  /** `null` when the file cannot be used at all: locked, read-only, no space, of a later version. */
  readonly history: History | null;
  /** As a sentence for an admin. With a history: that a broken file was set aside. */
  readonly problem: string | null;
}

/**
 * Opens the file of the history, or makes it. Never throws. SQLite is loaded
 * only here, so that whoever keeps no history does not pay for it.
 */
export async function openHistory(
  options: HistoryOptions,
): Promise<OpenedHistory> {
  const [{ History }, { openOrBegin }] = await Promise.all([
    import("./history.ts"),
    import("./history_file.ts"),
  ]);
  const { path, wallClock } = options;
  try {
    const opened = openOrBegin(path, wallClock());
    return {
      history: new History(opened, options),
      problem: opened.notice,
    };
  } catch (error) {
    const problem = describeHistoryFailure(path, toHistoryError(error));
    return { history: null, problem };
  }
}
