import { type Disk, makeDisk } from "../inventory/disk.ts";
import { MAX_TEXT_LENGTH } from "./limits.ts";
import type { Row } from "./read_rows.ts";

type Details = Readonly<Record<string, unknown>>;

const NO_DETAILS: Details = {};
const NO_TEXTS: readonly string[] = [];

/**
 * The disk that a row stands for; `null` when it names no device, since then
 * there is nothing to list. The fourth element is an object with the keys of
 * `Disk`. Another kind of fourth element, and a key with another kind of value
 * than `Disk` has, count as not known: a later version may write them so.
 */
export function readDisk([uuid, label, device, extra]: Row): Disk | null {
  if (device === null || device === "") return null;
  const details = isDetails(extra) ? extra : NO_DETAILS;
  return makeDisk({
    device: device.toWellFormed(),
    uuid: text(uuid),
    label: text(label),
    type: text(details.type),
    size: bytes(details.size),
    mounts: texts(details.mounts),
    mounts_ro: texts(details.mounts_ro),
    holders: texts(details.holders),
    partuuid: text(details.partuuid),
    partlabel: text(details.partlabel),
    uuid_sub: text(details.uuid_sub),
    model: text(details.model),
    serial: text(details.serial),
    wwn: text(details.wwn),
    tran: text(details.tran),
    rm: flag(details.rm),
    ro: flag(details.ro),
  });
}

function isDetails(value: unknown): value is Details {
  return typeof value === "object" && value !== null;
}

/** Half a surrogate pair stands for no character and could not be sent on as UTF-8. */
function text(value: unknown): string | null {
  return isText(value) ? value.toWellFormed() : null;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" &&
    value.length <= MAX_TEXT_LENGTH;
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NO_TEXTS;
  return value.filter(isText).map((each) => each.toWellFormed());
}

function bytes(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : null;
}

function flag(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}
