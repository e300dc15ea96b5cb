import type { DiskRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";

type Mounted = Pick<DiskRow, "mounts" | "mounts_ro">;

/** Each mount point, and which are read-only: `/mnt/b (ro)`. */
export function showMounts({ mounts, mounts_ro }: Mounted): string[] {
  return mounts.map((mount) =>
    mounts_ro.includes(mount) ? `${printable(mount)} (ro)` : printable(mount)
  );
}
