import type { DiskRow } from "../control/views.ts";
import { renderDisks } from "./disks.ts";
import type { ViewOptions } from "./format.ts";

/**
 * What makes a terminal show something in place: control sequences of ECMA-48,
 * and private modes of xterm (ctlseqs, "DEC Private Mode Set") that terminals
 * of today have in common.
 */

/** To a screen of its own, without cursor; what is too long for a line is cut, not wrapped. */
export const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/** Back to what was on the terminal before. */
export const LEAVE_SCREEN = "\x1b[?7h\x1b[?25h\x1b[?1049l";

const HOME = "\x1b[H";
const ERASE_REST_OF_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

/**
 * Draws lines over those that are there. Nothing is cleared before it is drawn
 * over, so nothing flickers; and no newline follows the last line, or a full
 * screen would roll.
 */
export function drawScreen(lines: readonly string[]): string {
  const drawn = lines.map((line) => line + ERASE_REST_OF_LINE);
  return HOME + drawn.join("\r\n") + ERASE_BELOW;
}

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
