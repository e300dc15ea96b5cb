import type { Datagram, Rejected } from "./announcement.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { MAX_ROWS, MAX_TEXT_LENGTH } from "./limits.ts";
import { parseJson } from "./parse_json.ts";
import { parseYaml } from "./parse_yaml.ts";
import { REJECTED } from "./rejected.ts";

type Text = string | null;

/** One element of the list as it was sent; the fourth place is not checked yet. */
export type Row = readonly [
  uuid: Text,
  label: Text,
  device: Text,
  details: unknown,
];

export type Rows =
  | { readonly format: "rows"; readonly rows: readonly Row[] }
  | Rejected;

const NEWLINE = 0x0a;
const HASH = 0x23;

/**
 * The rows of a datagram. What a row lacks at its end is `null`, what it has
 * beyond the fourth place is ignored. One row that is not a list of texts, or
 * has a text longer than `MAX_TEXT_LENGTH`, rejects the whole datagram: half a
 * list would look like disks that were taken away.
 */
export function readRows(datagram: Datagram): Rows {
  if (datagram.format === "rejected") return datagram;
  const { format, body } = datagram;
  const text = decodeUtf8(format === 2 ? beforeComments(body) : body);
  if (text === null) return REJECTED["not-utf8"];
  const list = format === 2 ? parseJson(text) : parseYaml(text);
  if (list === undefined) return REJECTED["bad-body"];
  return checkRows(list);
}

/** What is before the first line that starts with `#`: JSON has no comments, signatures and other notes are in such lines. */
function beforeComments(body: Uint8Array): Uint8Array {
  let end = body.indexOf(NEWLINE);
  while (end !== -1 && body[end + 1] !== HASH) {
    end = body.indexOf(NEWLINE, end + 1);
  }
  return end === -1 ? body : body.subarray(0, end);
}

function checkRows(list: unknown): Rows {
  if (!Array.isArray(list) || list.length > MAX_ROWS) {
    return REJECTED["bad-list"];
  }
  const rows: Row[] = [];
  for (const element of list) {
    const row = checkRow(element);
    if (row === null) return REJECTED["bad-list"];
    rows.push(row);
  }
  return { format: "rows", rows };
}

function checkRow(element: unknown): Row | null {
  if (!Array.isArray(element)) return null;
  const uuid = element[0] ?? null;
  const label = element[1] ?? null;
  const device = element[2] ?? null;
  const isValid = isText(uuid) && isText(label) && isText(device);
  return isValid ? [uuid, label, device, element[3]] : null;
}

function isText(value: unknown): value is Text {
  return value === null ||
    (typeof value === "string" && value.length <= MAX_TEXT_LENGTH);
}
