import type { DiskRow, DiskState } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { formatAge, formatSize, grey, type ViewOptions } from "./format.ts";
import { cellText, type Column, NO_VALUE, renderTable } from "./table.ts";

/** Shared by the tables of disks and of sightings. */

export const HOST_COLUMN: Column<{ readonly host: string }> = {
  title: "HOST",
  text: (row) => printable(row.host),
  minWidth: 8,
  keep: true,
};

export const DEVICE: Column<{ readonly device: string }> = {
  title: "DEVICE",
  text: (row) => printable(row.device),
  minWidth: 9,
};

export const LABEL: Column<Pick<DiskRow, "label">> = {
  title: "LABEL",
  text: (row) => cellText(row.label),
  minWidth: 8,
  keep: true,
};

export const UUID: Column<Pick<DiskRow, "uuid">> = {
  title: "UUID",
  text: (row) => cellText(row.uuid),
  minWidth: 9,
};

/** Colours the line of a disk that is not attached now. */
export function greyUnlessAttached(view: ViewOptions) {
  return (line: string, { state }: { readonly state: DiskState }): string =>
    state === "attached" ? line : grey(line, view);
}

type Mounted = Pick<DiskRow, "mounts" | "mounts_ro">;

/** The mount points, marked if read-only: `/mnt/b (ro)`. */
export function showMounts({ mounts, mounts_ro }: Mounted): string[] {
  return mounts.map((mount) =>
    mounts_ro.includes(mount) ? `${printable(mount)} (ro)` : printable(mount)
  );
}

const COLUMNS: readonly Column<DiskRow>[] = [
  { ...HOST_COLUMN, yieldsAs: 7 },
  { ...DEVICE, yieldsAs: 8, keep: true },
  { ...LABEL, yieldsAs: 6 },
  { ...UUID, yieldsAs: 1 },
  {
    title: "TYPE",
    text: (row) => cellText(row.type),
    yieldsAs: 2,
    minWidth: 5,
  },
  {
    title: "SIZE",
    text: (row) => row.size === null ? NO_VALUE : formatSize(row.size),
    align: "right",
    yieldsAs: 4,
  },
  { title: "MOUNTED", text: showUse, yieldsAs: 3, minWidth: 8 },
  { title: "AGE", text: showAge, yieldsAs: 5 },
];

/** Rows of `list` and `where`, in the given order; grey if not attached now. */
export function renderDisks(
  rows: readonly DiskRow[],
  view: ViewOptions,
): string {
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: COLUMNS, paint, view });
}

/** Its mount points; for an unmounted member, the device it belongs to. */
function showUse(row: DiskRow): string {
  if (row.mounts.length > 0) return showMounts(row).join(",");
  if (row.holders.length === 0) return NO_VALUE;
  return `-> ${row.holders.map(printable).join(",")}`;
}

/** Time since its host last confirmed it, and the state unless `attached`. */
function showAge(row: DiskRow, { now }: ViewOptions): string {
  const age = formatAge(row.seenAt, now);
  return row.state === "attached" ? age : `${age} ${row.state}`;
}
