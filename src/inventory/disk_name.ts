import type { Disk } from "./disk.ts";

/** What makes a disk the same one on another host: btrfs members share a UUID, so both count. `null` when nothing does. */
export function diskName(disk: Disk): string | null {
  if (disk.uuid !== null) return `uuid ${disk.uuid} ${disk.uuid_sub ?? ""}`;
  return disk.label === null ? null : `label ${disk.label}`;
}
