import type { SightingRow } from "../control/history_views.ts";
import { printable } from "../text/printable.ts";
import { grey } from "./style.ts";
import { type Column, renderTable } from "./table.ts";
import { formatMinute } from "./time.ts";
import type { ViewOptions } from "./view_options.ts";

/** Stands for what is not known. */
const NONE = "-";

const COLUMNS: readonly Column<SightingRow>[] = [
  { title: "FROM", text: (row) => formatMinute(row.from) },
  { title: "UNTIL", text: showUntil },
  {
    title: "HOST",
    text: (row) => printable(row.host),
    yieldsAs: 5,
    minWidth: 8,
    keep: true,
  },
  {
    title: "DEVICE",
    text: (row) => printable(row.device),
    yieldsAs: 4,
    minWidth: 9,
  },
  {
    title: "LABEL",
    text: (row) => orNone(row.label),
    yieldsAs: 3,
    minWidth: 8,
    keep: true,
  },
  {
    title: "UUID",
    text: (row) => orNone(row.uuid),
    yieldsAs: 1,
    minWidth: 9,
  },
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
  const paint = (line: string, row: SightingRow) =>
    row.state === "attached" ? line : grey(line, view);
  return renderTable(rows, { columns: COLUMNS, paint, view });
}

/** Of a host that is silent nobody knows whether it has the disk still. */
function showUntil({ state, until }: SightingRow): string {
  if (until === null) return "now";
  return state === "stale"
    ? `${formatMinute(until)} stale`
    : formatMinute(until);
}

function orNone(text: string | null): string {
  return text === null ? NONE : printable(text);
}
