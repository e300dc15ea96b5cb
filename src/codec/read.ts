/**
 * From bytes to an announcement, in two steps: `readDatagram` reads the first
 * line, which says whether there is anything new, and `readDisks` the list,
 * which most of the time says what is known already.
 *
 * A version 2 datagram is
 *
 *     diskd:#{"v":2,...}                                 header, a YAML comment
 *     [["UUID","LABEL","/dev/sdb1",{"type":"ext4"}]]     body, JSON and YAML
 *     #sig k1 ...                                        notes, not read here
 *
 * and one of App::Diskd 0.01 is `diskd:` and a YAML list of such rows without
 * their fourth element. Whatever the bytes are, they are read or rejected.
 * Nothing is thrown.
 */
import type { Disk } from "../inventory/disk.ts";
import type { Datagram, Disks } from "./announcement.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { MAX_V1_DATAGRAM_BYTES, MAX_V2_DATAGRAM_BYTES } from "./limits.ts";
import { readDisk } from "./read_disk.ts";
import { readHeader } from "./read_header.ts";
import { readRows } from "./read_rows.ts";
import { REJECTED } from "./rejected.ts";

const PREFIX = new TextEncoder().encode("diskd:");
const HASH = 0x23;
const BRACE = 0x7b;
const NEWLINE = 0x0a;

/**
 * Tells what a datagram is, and reads the header of a version 2 one. The
 * `body` is a view of `bytes`, good as long as they are not overwritten.
 */
export function readDatagram(bytes: Uint8Array): Datagram {
  if (!hasPrefix(bytes)) return REJECTED["not-diskd"];
  const isVersion2 = bytes[PREFIX.length] === HASH &&
    bytes[PREFIX.length + 1] === BRACE;
  if (isVersion2) return readVersion2(bytes);
  if (bytes.length > MAX_V1_DATAGRAM_BYTES) return REJECTED["too-long"];
  return { format: 1, body: bytes.subarray(PREFIX.length) };
}

/**
 * Reads the list of a datagram while its bytes are still there. Rows that
 * name no device are left out; empty texts become `null`.
 */
export function readDisks(datagram: Datagram): Disks {
  const read = readRows(datagram);
  if (read.format === "rejected") return read;
  const disks: Disk[] = [];
  for (const row of read.rows) {
    const disk = readDisk(row);
    if (disk !== null) disks.push(disk);
  }
  return { format: "disks", disks };
}

function readVersion2(bytes: Uint8Array): Datagram {
  if (bytes.length > MAX_V2_DATAGRAM_BYTES) return REJECTED["too-long"];
  const lineEnd = bytes.indexOf(NEWLINE);
  if (lineEnd === -1) return REJECTED["bad-header"];
  const line = decodeUtf8(bytes.subarray(PREFIX.length + 1, lineEnd));
  if (line === null) return REJECTED["not-utf8"];
  const header = readHeader(line);
  if (typeof header === "string") return REJECTED[header];
  return { format: 2, header, body: bytes.subarray(lineEnd + 1) };
}

function hasPrefix(bytes: Uint8Array): boolean {
  for (let i = 0; i < PREFIX.length; i++) {
    if (bytes[i] !== PREFIX[i]) return false;
  }
  return true;
}
