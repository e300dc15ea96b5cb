import { HOST_ID } from "../inventory/host.ts";
import { isSubject, type Remark, remarkProblem } from "../inventory/remark.ts";
import type { RemarkWithProof } from "../inventory/remarks.ts";
import { makeOwnDirectory } from "../system/own_files.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { isJsonObject } from "../text/json_object.ts";

/** The contents of the file with the remarks: a JSON object a line. */
interface RemarkFile {
  readonly remarks: readonly RemarkWithProof[];
  /** Lines that are no remarks. */
  readonly unreadable: number;
}

export function parseRemarks(text: string): RemarkFile {
  const lines = text.split("\n").filter((line) => line !== "");
  const remarks = lines.map(parseLine).filter((remark) => remark !== null);
  return { remarks, unreadable: lines.length - remarks.length };
}

function parseLine(line: string): RemarkWithProof | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!isRemark(value)) return null;
    const { isProven, ...remark } = value as Remark & { isProven?: unknown };
    return { remark, isProven: isProven === true };
  } catch {
    return null;
  }
}

/** Whether it has the form of a remark; not whether somebody signed it. */
function isRemark(value: unknown): value is Remark {
  if (!isJsonObject(value)) return false;
  const { subject, field, value: said, at, by, host, key, signature } = value;
  return typeof subject === "string" && isSubject(subject) &&
    typeof field === "string" && (said === null || typeof said === "string") &&
    remarkProblem(field, said) === null &&
    Number.isSafeInteger(at) && typeof by === "string" && HOST_ID.test(by) &&
    typeof host === "string" && typeof key === "string" &&
    typeof signature === "string" && SIGNATURE.test(signature);
}

const SIGNATURE = /^[0-9A-Za-z_-]{86}$/;

/**
 * Writes the file so that it survives a loss of power.
 * @throws {Error} if that is not possible
 */
export function writeRemarkFile(
  path: string,
  remarks: Iterable<RemarkWithProof>,
): void {
  makeOwnDirectory(path.slice(0, path.lastIndexOf("/")), 0o700);
  const lines = Array.from(
    remarks,
    ({ remark, isProven }) =>
      `${JSON.stringify(isProven ? { ...remark, isProven } : remark)}\n`,
  );
  writeWholeSync(path, lines.join(""), { synced: true });
}
