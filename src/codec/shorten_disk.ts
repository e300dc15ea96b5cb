import type { Disk } from "../inventory/disk.ts";
import { cutText, quotedBytes } from "./quote_text.ts";

/** What is left out of a row that is too long, the least missed first. */
const LEAST_MISSED = [
  "model",
  "tran",
  "wwn",
  "serial",
  "partlabel",
  "partuuid",
  "uuid_sub",
  "rm",
  "ro",
  "size",
  "type",
] as const;

export interface ShortenOptions {
  /** Bytes that the row may take. */
  readonly maxBytes: number;
  /** Bytes that the row of a disk takes. */
  readonly rowBytes: (disk: Disk) => number;
}

interface Names {
  uuid: string | null;
  label: string | null;
  device: string | null;
}

/**
 * A disk with less said of it, so that its row fits. First the holders go, then
 * mount points, the last ones first and only as many as need be; then model, transport,
 * WWN, serial, PARTLABEL, PARTUUID, UUID_SUB, the two flags, size and type,
 * until it fits. Then the label is cut, then the UUID, then the device, none
 * below a third of the room. So every disk is told, however long its texts.
 */
export function shortenDisk(disk: Disk, options: ShortenOptions): Disk {
  const { maxBytes, rowBytes } = options;
  const unmounted = { ...disk, mounts: [], mounts_ro: [], holders: [] };
  const room = maxBytes - rowBytes(unmounted);
  if (room >= 0) return { ...unmounted, ...firstMounts(disk, room) };
  let shorter: Disk = unmounted;
  for (const field of LEAST_MISSED) {
    shorter = { ...shorter, [field]: null };
    if (rowBytes(shorter) <= maxBytes) return shorter;
  }
  return cutNames(shorter, options);
}

/** As many mount points, from the first, as fit in `room` bytes with all that is written around them. */
function firstMounts(
  { mounts, mounts_ro }: Disk,
  room: number,
): Pick<Disk, "mounts" | "mounts_ro"> {
  const kept: string[] = [];
  let left = room - ',"mounts":[]'.length;
  if (mounts_ro.length > 0) left -= ',"mounts_ro":[]'.length;
  for (const mount of mounts) {
    const times = mounts_ro.includes(mount) ? 2 : 1;
    left -= times * (quotedBytes(mount) + ",".length);
    if (left < 0) break;
    kept.push(mount);
  }
  return {
    mounts: kept,
    mounts_ro: kept.filter((mount) => mounts_ro.includes(mount)),
  };
}

function cutNames(disk: Disk, { maxBytes, rowBytes }: ShortenOptions): Disk {
  const { uuid, label, device } = disk;
  const names = { uuid, label, device };
  const room = maxBytes - rowBytes(disk) + namesBytes(names);
  for (const field of ["label", "uuid", "device"] as const) {
    const name = names[field];
    if (name === null) continue;
    const others = namesBytes({ ...names, [field]: null }) - "null".length;
    names[field] = cutText(name, Math.max(room - others, Math.floor(room / 3)));
  }
  return { ...disk, ...names };
}

function namesBytes({ uuid, label, device }: Names): number {
  const bytes = (name: string | null) =>
    name ? quotedBytes(name) : "null".length;
  return bytes(uuid) + bytes(label) + bytes(device);
}
