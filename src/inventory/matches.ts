import type { Disk } from "./disk.ts";

/**
 * Whether a disk goes by this name: its label, partition label, serial or
 * device as written, or its UUID, partition UUID, member UUID or WWN in either
 * case, since those are hexadecimal.
 */
export function diskMatches(disk: Disk, name: string): boolean {
  return disk.label === name || disk.partlabel === name ||
    disk.device === name || disk.serial === name ||
    sameHex(disk.uuid, name) || sameHex(disk.partuuid, name) ||
    sameHex(disk.uuid_sub, name) || sameHex(disk.wwn, name);
}

function sameHex(value: string | null, name: string): boolean {
  return value !== null && value.length === name.length &&
    value.toLowerCase() === name.toLowerCase();
}
