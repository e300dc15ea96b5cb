import type { SightingRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  DEVICE,
  greyUnlessAttached,
  HOST,
  LABEL,
  NONE,
  UUID,
} from "./disk_columns.ts";
import { type Column, renderTable } from "./table.ts";
import { formatMinute } from "./time.ts";
import type { ViewOptions } from "./view_options.ts";

const COLUMNS: readonly Column<SightingRow>[] = [
  { title: "FROM", text: (row) => formatMinute(row.from) },
  { title: "UNTIL", text: showUntil },
  { ...HOST, yieldsAs: 5 },
  { ...DEVICE, yieldsAs: 4 },
  { ...LABEL, yieldsAs: 3 },
  { ...UUID, yieldsAs: 1 },
  {
    title: "MOUNTED",
    text: (row) => row.mounts.map(printable).join(",") || NONE,
    yieldsAs: 2,
    minWidth: 8,
  },
];

/** Rows of `history`, in their order; those that are over in grey. */
export function renderSightings(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: COLUMNS, paint, view });
}

/** Of a host that is silent nobody knows whether it has the disk still. */
function showUntil({ state, until }: SightingRow): string {
  if (until === null) return "now";
  return state === "stale"
    ? `${formatMinute(until)} stale`
    : formatMinute(until);
}
