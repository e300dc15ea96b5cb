import { HOST_ID } from "../inventory/host.ts";
import { isSubject, type Remark, remarkProblem } from "../inventory/remark.ts";
import { makeOwnDirectory } from "../system/own_files.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { isJsonObject } from "../text/json_object.ts";

/** The contents of the file with the remarks: a JSON object a line. */
interface RemarkFile {
  readonly remarks: readonly Remark[];
  /** Lines that are no remarks. */
  readonly unreadable: number;
}

export function parseRemarks(text: string): RemarkFile {
  const lines = text.split("\n").filter((line) => line !== "");
  const remarks = lines.map(parseLine).filter((remark) => remark !== null);
  return { remarks, unreadable: lines.length - remarks.length };
}

function parseLine(line: string): Remark | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRemark(value) ? value : null;
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
export function writeRemarkFile(path: string, remarks: Iterable<Remark>): void {
  makeOwnDirectory(path.slice(0, path.lastIndexOf("/")), 0o700);
  const lines = Array.from(
    remarks,
    (remark) => `${JSON.stringify(remark)}\n`,
  );
  writeWholeSync(path, lines.join(""), { synced: true });
}
