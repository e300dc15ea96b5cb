import type { HostRow } from "../control/views.ts";
import { formatAge } from "./age.ts";
import { printable } from "../text/printable.ts";
import { grey } from "./style.ts";
import { type Column, renderTable } from "./table.ts";
import type { ViewOptions } from "./view_options.ts";

const COLUMNS: readonly Column<HostRow>[] = [
  {
    title: "HOST",
    text: (row) => printable(row.host),
    yieldsAs: 3,
    minWidth: 8,
    keep: true,
  },
  { title: "STATE", text: (row) => row.state },
  { title: "DISKS", text: (row) => `${row.disks}`, align: "right" },
  {
    title: "HEARD",
    text: (row, { now }) => formatAge(row.heardAt, now),
    align: "right",
  },
  {
    title: "VERSION",
    text: (row) => row.version === null ? "-" : printable(row.version),
    yieldsAs: 1,
    minWidth: 7,
  },
  {
    title: "ADDRESSES",
    text: (row) => row.addresses.map(printable).join(",") || "-",
    yieldsAs: 2,
    minWidth: 15,
  },
];

/** Only where keys are in use. */
const KEY: Column<HostRow> = {
  title: "KEY",
  text: (row) => row.key === null ? "-" : printable(row.key),
};

/** Rows of `hosts`, in their order; those not up in grey. */
export function renderHosts(
  rows: readonly HostRow[],
  view: ViewOptions,
): string {
  const paint = (line: string, row: HostRow) =>
    row.state === "up" ? line : grey(line, view);
  const columns = rows.some(({ key }) => key !== null)
    ? COLUMNS.toSpliced(-1, 0, KEY)
    : COLUMNS;
  return renderTable(rows, { columns, paint, view });
}
