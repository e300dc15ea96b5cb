import type { DiskRow } from "../control/views.ts";
import { formatAge } from "./age.ts";
import {
  DEVICE,
  greyUnlessAttached,
  HOST,
  LABEL,
  NONE,
  orNone,
  UUID,
} from "./disk_columns.ts";
import { printable } from "../text/printable.ts";
import { showMounts } from "./mounts.ts";
import { formatSize } from "./size.ts";
import { type Column, renderTable } from "./table.ts";
import type { ViewOptions } from "./view_options.ts";

const COLUMNS: readonly Column<DiskRow>[] = [
  { ...HOST, yieldsAs: 7 },
  { ...DEVICE, yieldsAs: 8, keep: true },
  { ...LABEL, yieldsAs: 6 },
  { ...UUID, yieldsAs: 1 },
  { title: "TYPE", text: (row) => orNone(row.type), yieldsAs: 2, minWidth: 5 },
  {
    title: "SIZE",
    text: (row) => row.size === null ? NONE : formatSize(row.size),
    align: "right",
    yieldsAs: 4,
  },
  { title: "MOUNTED", text: showUse, yieldsAs: 3, minWidth: 8 },
  { title: "AGE", text: showAge, yieldsAs: 5 },
];

/** Rows of `list` and `where`, in their order; those not attached now in grey. */
export function renderDisks(
  rows: readonly DiskRow[],
  view: ViewOptions,
): string {
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: COLUMNS, paint, view });
}

/** Where it is mounted; of a member that is not, what it belongs to. */
function showUse(row: DiskRow): string {
  if (row.mounts.length > 0) return showMounts(row).join(",");
  if (row.holders.length === 0) return NONE;
  return `-> ${row.holders.map(printable).join(",")}`;
}

/** Since its host last said that it is there, and the state where that is not `attached`. */
function showAge(row: DiskRow, { now }: ViewOptions): string {
  const age = formatAge(row.seenAt, now);
  return row.state === "attached" ? age : `${age} ${row.state}`;
}
