import type { History, HistoryOptions } from "./history.ts";
import { describeHistoryFailure, toHistoryError } from "./history_error.ts";

/** The history, or why there is none. */
export interface OpenedHistory {
  /** `null` if the file cannot be used at all: locked, read-only, no space, of a later version. */
  readonly history: History | null;
  /** A sentence for an administrator. With a history: a broken file was set aside. */
  readonly problem: string | null;
}

/**
 * Opens or creates the file of the history. Never throws. SQLite is loaded only
 * here, so that it costs nothing without a history.
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
