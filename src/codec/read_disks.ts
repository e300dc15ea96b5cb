import type { Disk, FieldName } from "../inventory/disk.ts";
import {
  type Datagram,
  MAX_ROWS,
  MAX_TEXT_LENGTH,
  MAX_TEXTS,
  REJECTED,
  type Rejected,
} from "./announcement.ts";
import { parseYaml } from "./parse_yaml.ts";

type Text = string | null;

/** An element of the list as received; its fourth place is not checked yet. */
type WireRow = readonly [
  uuid: Text,
  label: Text,
  device: Text,
  details: unknown,
];

type WireRows =
  | { readonly format: "rows"; readonly rows: readonly WireRow[] }
  | Rejected;

/**
 * The rows of a datagram. Missing elements at the end of a row are `null`,
 * elements after the fourth are ignored. A row that is no list of texts, or has
 * a text longer than `MAX_TEXT_LENGTH`, rejects the whole datagram: half a list
 * would look like removed disks.
 */
export function readRows(datagram: Datagram): WireRows {
  if (datagram.format === "rejected") return datagram;
  const { format, body } = datagram;
  const text = decodeUtf8(body);
  if (text === null) return REJECTED["not-utf8"];
  if (format === 1) return checkRows([parseYaml(text)]);
  return checkRows(listsIn(text).map(parseJson));
}

/**
 * The list of a body, and the one in the first comment line that begins with
 * `#[`: rows that 0.01 does not see. All other comments, such as signatures,
 * are left out.
 */
function listsIn(text: string): string[] {
  const comments = text.indexOf("\n#");
  if (comments === -1) return [text];
  const first = text.slice(0, comments);
  const more = text.indexOf("\n#[", comments);
  if (more === -1) return [first];
  const start = more + "\n#".length;
  const end = text.indexOf("\n", start);
  return [first, text.slice(start, end === -1 ? undefined : end)];
}

function checkRows(lists: readonly unknown[]): WireRows {
  const rows: WireRow[] = [];
  for (const list of lists) {
    if (list === undefined) return REJECTED["bad-body"];
    if (!Array.isArray(list) || rows.length + list.length > MAX_ROWS) {
      return REJECTED["bad-list"];
    }
    for (const element of list) {
      const row = checkRow(element);
      if (row === null) return REJECTED["bad-list"];
      rows.push(row);
    }
  }
  return { format: "rows", rows };
}

function checkRow(element: unknown): WireRow | null {
  if (!Array.isArray(element)) return null;
  const uuid = element[0] ?? null;
  const label = element[1] ?? null;
  const device = element[2] ?? null;
  const isValid = isTextOrNull(uuid) && isTextOrNull(label) &&
    isTextOrNull(device);
  return isValid ? [uuid, label, device, element[3]] : null;
}

function isTextOrNull(value: unknown): value is Text {
  return value === null ||
    (typeof value === "string" && value.length <= MAX_TEXT_LENGTH);
}

type Details = Readonly<Record<string, unknown>>;

const NO_DETAILS: Details = {};
const NO_TEXTS: readonly string[] = [];

/**
 * The disk of a row; `null` without a device, because then there is nothing to
 * list. The fourth element is an object with the keys of `Disk`. A fourth
 * element of another type, and a key with a value of an unexpected type, count
 * as unknown: a later version may use them.
 */
export function readDisk([uuid, label, device, extra]: WireRow): Disk | null {
  if (device === null || device === "") return null;
  const details = isDetails(extra) ? extra : NO_DETAILS;
  // Written out, since a loop over `DISK_FIELDS` takes half as long again; the
  // compiler sees to it that no field is missing.
  return {
    device: device.toWellFormed(),
    uuid: text(uuid),
    label: text(label),
    type: text(details.type),
    types: texts(details.types),
    size: number(details.size),
    mounts: texts(details.mounts),
    mounts_ro: texts(details.mounts_ro),
    binds: binds(details),
    inUse: flag(details.inUse),
    holders: texts(details.holders),
    parents: texts(details.parents),
    kname: text(details.kname),
    kind: text(details.kind),
    hidden: text(details.hidden),
    health: text(details.health),
    port: text(details.port),
    slot: text(details.slot),
    vg: text(details.vg),
    partuuid: text(details.partuuid),
    partlabel: text(details.partlabel),
    uuid_sub: text(details.uuid_sub),
    model: text(details.model),
    serial: text(details.serial),
    wwn: text(details.wwn),
    tran: text(details.tran),
    rm: flag(details.rm),
    ro: flag(details.ro),
  };
}

/** The first three elements of a row; the others are keys of the fourth. */
export function isInRow(name: FieldName): name is "uuid" | "label" | "device" {
  return name === "uuid" || name === "label" || name === "device";
}

function isDetails(value: unknown): value is Details {
  return typeof value === "object" && value !== null;
}

/** An unpaired surrogate is no character and could not be sent on as UTF-8. */
function text(value: unknown): string | null {
  return isText(value) ? value.toWellFormed() : null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" &&
    value.length <= MAX_TEXT_LENGTH;
}

/** The first `MAX_TEXTS` of a list. */
function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NO_TEXTS;
  const found = value.filter(isText);
  if (found.length > MAX_TEXTS) found.length = MAX_TEXTS;
  return found.map((each) => each.toWellFormed());
}

/** Mount points beyond `MAX_TEXTS` count as further ones. */
function binds({ binds, mounts }: Details): number | null {
  const more = Array.isArray(mounts) ? mounts.length - MAX_TEXTS : 0;
  return more > 0 ? (number(binds) ?? 0) + more : number(binds);
}

function number(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : null;
}

function flag(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** The value of a JSON text, `undefined` if it is not JSON. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Decodes UTF-8; `null` if the bytes are not UTF-8. Does not throw: a `fatal`
 * decoder takes twice as long on good bytes and forty times as long on bad
 * ones.
 */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const text = decoder.decode(bytes);
  const isReplaced = text.includes("\uFFFD") &&
    !sameBytes(encoder.encode(text), bytes);
  return isReplaced ? null : text;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
