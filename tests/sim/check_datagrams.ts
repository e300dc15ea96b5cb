import { load } from "js-yaml";
import { MAX_DATAGRAM_BYTES } from "../../src/codec/announcement.ts";
import { areRemarks } from "../../src/codec/remark_datagram.ts";
import type { History, Sent } from "./history.ts";

const PREFIX = "diskd:";

/** Of these libyaml dies in comments too, where others let them be. */
const UNREADABLE = /(?![\t\n])[\p{Cc}\ufeff\ufffe\uffff]/u;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Every datagram is short enough for 0.01, and YAML that it can read; or remarks, which it ignores. */
export function checkDatagrams({ wire }: History): string[] {
  const readable = new Map<string, string | null>();
  return wire.flatMap((sent) => {
    const problem = problemOf(sent, readable);
    return problem === null
      ? []
      : [`What ${sent.from} sent at ${sent.at} ${problem}`];
  });
}

function problemOf(
  { bytes }: Sent,
  readable: Map<string, string | null>,
): string | null {
  if (bytes.length > MAX_DATAGRAM_BYTES) return `has ${bytes.length} bytes`;
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return "is not UTF-8";
  }
  if (areRemarks(bytes)) return null;
  if (!text.startsWith(PREFIX)) return `does not begin with ${PREFIX}`;
  if (UNREADABLE.test(text)) return "has a control character";
  // Most are repeats, but for a number in their comment.
  const yaml = text.slice(PREFIX.length).replace(/"seq":\d+/, "");
  const known = readable.get(yaml);
  if (known !== undefined) return known;
  const problem = yamlProblem(yaml);
  readable.set(yaml, problem);
  return problem;
}

function yamlProblem(yaml: string): string | null {
  let value: unknown;
  try {
    value = load(yaml);
  } catch (error) {
    return `is not YAML: ${error}`;
  }
  const isList = Array.isArray(value) && value.every(isRow);
  return isList ? null : "is YAML, but no list of rows";
}

function isRow(row: unknown): boolean {
  return Array.isArray(row) && row.length >= 3 &&
    row.slice(0, 3).every((one) => one === null || typeof one === "string");
}
