import type { Disk } from "../inventory/disk.ts";
import { byteLength, quoteText } from "./quote_text.ts";
import { shortenDisk } from "./shorten_disk.ts";

/**
 * A disk as an element of the list, at most `maxBytes` long in UTF-8:
 * `["UUID","LABEL","/dev/sdb1",{"type":"ext4"}]`. The fourth element has what
 * is known besides. One that is too long is written as `shortenDisk` leaves it.
 */
export function writeRow(disk: Disk, maxBytes: number): string {
  const row = wholeRow(disk);
  if (byteLength(row) <= maxBytes) return row;
  const rowBytes = (shorter: Disk) => byteLength(wholeRow(shorter));
  return wholeRow(shortenDisk(disk, { maxBytes, rowBytes }));
}

function wholeRow(disk: Disk): string {
  const uuid = textOrNull(disk.uuid);
  const label = textOrNull(disk.label);
  return `[${uuid},${label},${quoteText(disk.device)},${details(disk)}]`;
}

function textOrNull(text: string | null): string {
  return text ? quoteText(text) : "null";
}

function details(disk: Disk): string {
  const members = [
    text("type", disk.type),
    size(disk.size),
    texts("mounts", disk.mounts),
    texts("mounts_ro", disk.mounts_ro),
    texts("holders", disk.holders),
    text("partuuid", disk.partuuid),
    text("partlabel", disk.partlabel),
    text("uuid_sub", disk.uuid_sub),
    text("model", disk.model),
    text("serial", disk.serial),
    text("wwn", disk.wwn),
    text("tran", disk.tran),
    flag("rm", disk.rm),
    flag("ro", disk.ro),
  ];
  return `{${members.filter((member) => member !== "").join(",")}}`;
}

function text(key: string, value: string | null): string {
  return value ? `"${key}":${quoteText(value)}` : "";
}

function size(bytes: number | null): string {
  return Number.isSafeInteger(bytes) ? `"size":${bytes}` : "";
}

function texts(key: string, values: readonly string[]): string {
  return values.length === 0 ? "" : `"${key}":[${values.map(quoteText)}]`;
}

function flag(key: string, value: boolean | null): string {
  return value === null ? "" : `"${key}":${value}`;
}
