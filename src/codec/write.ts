import type { Disk } from "../inventory/disk.ts";
import { type Announcement, MAX_DATAGRAM_BYTES } from "./announcement.ts";
import { MAX_PARTS } from "./limits.ts";
import { byteLength } from "./quote_text.ts";
import { headerBytes, writeHeader } from "./write_header.ts";
import { writeRow } from "./write_row.ts";

const LIST_START = "\n[";
const LIST_END = "]\n";

const encoder = new TextEncoder();

export interface WriteOptions {
  /**
   * The longest that a datagram may become, in bytes. Default and maximum:
   * `MAX_DATAGRAM_BYTES`. Room for a signature is left by less.
   */
  readonly maxBytes?: number;
}

/**
 * Writes an announcement as datagrams of at most `maxBytes`, at least one. They
 * are read by `readDatagram`, and, as YAML 1.1, by App::Diskd 0.01, whatever the
 * texts hold. Texts come through as they are, but that half a surrogate pair
 * becomes U+FFFD and an empty text none; a row too long for a datagram is
 * written as `shortenDisk` leaves it. A disk without a device is left out, and
 * so are all disks when `bye` is set.
 *
 * The same `id`, `host`, `version`, `boot`, `rev`, `disks` and `maxBytes` are
 * cut into the same parts each time, whatever the rest says. Disks beyond
 * `MAX_PARTS` parts are not sent.
 *
 * @throws {TypeError} When there is no `id` and nothing is asked.
 */
export function writeAnnouncement(
  announcement: Announcement,
  { maxBytes = MAX_DATAGRAM_BYTES }: WriteOptions = {},
): Uint8Array[] {
  const { disks, ...sender } = announcement;
  if (sender.id === null && !sender.ask) {
    throw new TypeError(
      "Cannot write an announcement: found no id, expected one unless `ask` is set",
    );
  }
  const maxListBytes = maxBytes - headerBytes(sender) -
    LIST_START.length - LIST_END.length;
  const lists = packRows(sender.bye ? [] : disks, maxListBytes);
  const parts = lists.length;
  return lists.map((list, i) => {
    const header = writeHeader(sender, { part: i + 1, parts });
    return encoder.encode(header + LIST_START + list + LIST_END);
  });
}

/** The rows of all disks, joined into as few texts as their order allows, none longer than `maxListBytes` in UTF-8. */
function packRows(disks: readonly Disk[], maxListBytes: number): string[] {
  const lists: string[] = [];
  let rows: string[] = [];
  let bytes = 0;
  for (const disk of disks) {
    if (disk.device === "") continue;
    const row = writeRow(disk, maxListBytes);
    const rowBytes = byteLength(row) + ",".length;
    if (rows.length > 0 && bytes + rowBytes > maxListBytes) {
      lists.push(rows.join(","));
      rows = [];
      bytes = 0;
    }
    rows.push(row);
    bytes += rowBytes;
  }
  lists.push(rows.join(","));
  return lists.slice(0, MAX_PARTS);
}
