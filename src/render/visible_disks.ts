import type { DiskRow } from "../control/views.ts";
import { renderDisks } from "./disks.ts";
import type { ViewOptions } from "./view_options.ts";

/** A table of disks in at most so many lines; where there are more, the last line says how many. */
export function renderVisibleDisks(
  rows: readonly DiskRow[],
  { view, lines }: { readonly view: ViewOptions; readonly lines: number },
): string[] {
  const isWhole = rows.length + HEADING_LINES <= lines;
  const room = Math.max(0, lines - HEADING_LINES - MORE_LINES);
  const shown = isWhole ? rows : rows.slice(0, room);
  const table = renderDisks(shown, view).split("\n").slice(0, -1);
  if (isWhole) return table;
  return [...table, `... and ${rows.length - shown.length} more`].slice(-lines);
}

const HEADING_LINES = 1;
const MORE_LINES = 1;
