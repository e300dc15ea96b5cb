import type { Signatures } from "../codec/host_key.ts";
import { formProblem, isSigned } from "../codec/remark_signature.ts";
import type { Remark } from "../inventory/remark.ts";
import { exported, type RemarkWithProof } from "../inventory/remarks.ts";
import { checkOwnFile, makeOwnDirectory } from "../system/own_files.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { isJsonObject, type JsonObject } from "../text/json_object.ts";

/** The contents of the file with the remarks: a JSON object a line. */
interface RemarkFile {
  readonly text: string;
  readonly remarks: readonly RemarkWithProof[];
  /** Lines that are no remarks, or that nobody signed as they are. */
  readonly unreadable: number;
}

/**
 * Reads the file; `null` if there is none.
 * @throws {Error} if it must not or cannot be read
 */
export function readRemarkFile(
  path: string,
  signatures: Signatures,
): RemarkFile | null {
  checkOwnFile(path);
  try {
    return parseRemarks(Deno.readTextFileSync(path), signatures);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function parseRemarks(text: string, signatures: Signatures): RemarkFile {
  const lines = text.split("\n").filter((line) => line !== "");
  const remarks = lines.map((line) => parseLine(line, signatures))
    .filter((remark) => remark !== null);
  return { text, remarks, unreadable: lines.length - remarks.length };
}

function parseLine(
  line: string,
  signatures: Signatures,
): RemarkWithProof | null {
  try {
    const said = asRemark(JSON.parse(line));
    if (said === null) return null;
    const { remark } = said;
    const isGenuine = formProblem(remark, signatures) === null &&
      isSigned(remark, signatures);
    return isGenuine ? said : null;
  } catch {
    return null;
  }
}

/** A remark without what else is said with it; `null` for what has not the form of one. Its texts and signature are not checked, see `formProblem`. */
export function asRemark(value: unknown): RemarkWithProof | null {
  if (!isJsonObject(value) || !isRemark(value)) return null;
  const { subject, field, value: said, at, by, host, key, signature } = value;
  const remark = { subject, field, value: said, at, by, host, key, signature };
  return { remark, isProven: value["isProven"] === true };
}

function isRemark(value: JsonObject): value is JsonObject & Remark {
  const { subject, field, value: said, at, by, host, key, signature } = value;
  return typeof subject === "string" && typeof field === "string" &&
    (said === null || typeof said === "string") &&
    Number.isSafeInteger(at) && typeof by === "string" &&
    typeof host === "string" && typeof key === "string" &&
    typeof signature === "string";
}

/**
 * Writes the file so that it survives a loss of power.
 * @throws {Error} if that is not possible
 */
export function writeRemarkFile(
  path: string,
  remarks: Iterable<RemarkWithProof>,
): void {
  makeOwnDirectory(path.slice(0, path.lastIndexOf("/")), 0o700);
  checkOwnFile(path);
  const lines = Array.from(
    remarks,
    (remark) => `${JSON.stringify(exported(remark))}\n`,
  );
  writeWholeSync(path, lines.join(""), { synced: true });
}
