import type { DiskRow } from "../control/views.ts";
import { formatAge } from "./age.ts";
import { printable } from "../text/printable.ts";
import { showMounts } from "./mounts.ts";
import { formatSize } from "./size.ts";
import { grey } from "./style.ts";
import { type Column, renderTable } from "./table.ts";
import type { ViewOptions } from "./view_options.ts";

/** Stands for what is not known. */
const NONE = "-";

const COLUMNS: readonly Column<DiskRow>[] = [
  {
    title: "HOST",
    text: (row) => printable(row.host),
    yieldsAs: 7,
    minWidth: 8,
    keep: true,
  },
  {
    title: "DEVICE",
    text: (row) => printable(row.device),
    yieldsAs: 8,
    minWidth: 9,
    keep: true,
  },
  {
    title: "LABEL",
    text: (row) => orNone(row.label),
    yieldsAs: 6,
    minWidth: 8,
    keep: true,
  },
  {
    title: "UUID",
    text: (row) => orNone(row.uuid),
    yieldsAs: 1,
    minWidth: 9,
  },
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
  const paint = (line: string, row: DiskRow) =>
    row.state === "attached" ? line : grey(line, view);
  return renderTable(rows, { columns: COLUMNS, paint, view });
}

function orNone(text: string | null): string {
  return text === null ? NONE : printable(text);
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
