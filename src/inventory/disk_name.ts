import type { Disk } from "./disk.ts";

/** What makes a disk the same one on another host: btrfs members share a UUID, so both count. `null` when nothing does. */
export function diskName(
  disk: Pick<Disk, "uuid" | "uuid_sub" | "label">,
): string | null {
  if (disk.uuid !== null) return `uuid ${disk.uuid} ${disk.uuid_sub ?? ""}`;
  return disk.label === null ? null : `label ${disk.label}`;
}

/** The same, but a disk that nothing names goes by its place: it cannot be told on another host. */
export function nameAt(
  disk: Pick<Disk, "uuid" | "uuid_sub" | "label" | "device">,
  hostId: string,
): string {
  return diskName(disk) ?? `device ${disk.device} of ${hostId}`;
}
