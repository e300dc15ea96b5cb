import { reasonOf } from "../../system/reason.ts";

/**
 * Why the history could not be read or written: `locked` by another process;
 * `read-only`, the file or its directory; `full`, no space left; `broken`,
 * damaged or not a database; `newer`, written by a later version; `refused`, a
 * single change that violates the constraints of the tables, while others may
 * succeed; `other`, such as a failing medium.
 */
type HistoryFailure =
  | "locked"
  | "read-only"
  | "full"
  | "broken"
  | "newer"
  | "refused"
  | "other";

/** Contains the reason; `describeHistoryFailure` adds the file and makes a sentence. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
  readonly kind: HistoryFailure;

  constructor(kind: HistoryFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Primary result codes, from https://sqlite.org/rescode.html. */
const KIND_OF_CODE: ReadonlyMap<number, HistoryFailure> = new Map([
  [1, "refused"], // ERROR
  [3, "read-only"], // PERM
  [5, "locked"], // BUSY
  [6, "locked"], // LOCKED
  [8, "read-only"], // READONLY
  [11, "broken"], // CORRUPT
  [13, "full"], // FULL
  [14, "read-only"], // CANTOPEN: the log beside the file cannot be made
  [18, "refused"], // TOOBIG
  [19, "refused"], // CONSTRAINT
  [20, "refused"], // MISMATCH
  [26, "broken"], // NOTADB
]);

/** System errors, by errno(3). */
const KIND_OF_ERRNO: ReadonlyMap<string, HistoryFailure> = new Map([
  ["EACCES", "read-only"],
  ["EPERM", "read-only"],
  ["EROFS", "read-only"],
  ["EEXIST", "read-only"], // There is a file where its directory should be.
  ["ENOTDIR", "read-only"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
]);

/** The primary code is the low byte of an extended code. */
const PRIMARY_CODE_BITS = 0xff;

/** Converts anything thrown to a `HistoryError`. */
export function toHistoryError(error: unknown): HistoryError {
  if (error instanceof HistoryError) return error;
  return new HistoryError(kindOf(error), reasonOf(error), { cause: error });
}

function kindOf(error: unknown): HistoryFailure {
  if (!(error instanceof Error)) return "other";
  if (error instanceof Deno.errors.NotCapable) return "read-only";
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  if (typeof errcode === "number") {
    return KIND_OF_CODE.get(errcode & PRIMARY_CODE_BITS) ?? "other";
  }
  if (code === "ERR_INVALID_ARG_TYPE") return "refused";
  return KIND_OF_ERRNO.get(String(code)) ?? "other";
}

/** A sentence for an administrator: the failure, the file, the remedy. */
export function describeHistoryFailure(
  path: string,
  error: HistoryError,
): string {
  return SENTENCES[error.kind](path, error.message);
}

type Sentence = (path: string, reason: string) => string;

const SENTENCES: Readonly<Record<HistoryFailure, Sentence>> = {
  "locked": (path) =>
    `${path} is in use by another process, so no history is kept; end that ` +
    "process, or name another directory with --state-dir",
  "read-only": (path, reason) =>
    `Cannot write ${path} (${reason}), so no history is kept; make the file ` +
    "and its directory writable for this user, or name another directory " +
    "with --state-dir",
  "full": (path) =>
    `No space is left for ${path}, so no history is kept; make room there, ` +
    "or lower history.maxMegabytes",
  "broken": (path, reason) =>
    `${path} is broken (${reason}) and could not be replaced by a new one, so ` +
    "no history is kept; move it away",
  "newer": (path, reason) =>
    `${path} was written by a later version of diskd (${reason}), so no ` +
    "history is kept; update diskd, or move the file away",
  "refused": (path, reason) =>
    `A change could not be written to ${path} (${reason}) and is not in the ` +
    "history",
  "other": (path, reason) =>
    `Cannot read or write ${path} (${reason}), so no history is kept; check ` +
    "the disk it is on, or name another directory with --state-dir",
};
