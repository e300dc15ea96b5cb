import type { HistoryError, HistoryFailure } from "./history_error.ts";

/** One sentence for an admin: what, where, what to do. */
export function describeFailure(path: string, error: HistoryError): string {
  return SENTENCES[error.kind](path, error.message);
}

type Sentence = (path: string, reason: string) => string;

const SENTENCES: Readonly<Record<HistoryFailure, Sentence>> = {
  "locked": (path) =>
    `${path} is in use by another process, so no history is kept; end that ` +
    "process, or name another directory with --state-dir, and restart diskd",
  "read-only": (path, reason) =>
    `Cannot write ${path} (${reason}), so no history is kept; make the file ` +
    "and its directory writable for this user, or name another directory " +
    "with --state-dir",
  "full": (path) =>
    `No space is left for ${path}, so no history is kept; make room there, ` +
    "or lower history.maxMegabytes",
  "broken": (path, reason) =>
    `${path} is broken (${reason}) and could not be replaced by a new one, so ` +
    "no history is kept; move it away and restart diskd",
  "newer": (path, reason) =>
    `${path} was written by a later version of diskd (${reason}), so no ` +
    "history is kept; update diskd, or move the file away",
  "refused": (path, reason) =>
    `A change could not be written to ${path} (${reason}) and is not in the ` +
    "history",
  "other": (path, reason) =>
    `Cannot read or write ${path} (${reason}), so no history is kept; look ` +
    "after the disk that it is on, or name another directory with --state-dir",
};
