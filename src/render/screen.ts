import type { DiskRow } from "../control/views.ts";
import { renderDisks } from "./disks.ts";
import type { ViewOptions } from "./format.ts";

/**
 * Sequences that draw in place on a terminal: control sequences of ECMA-48, and
 * private modes of xterm (ctlseqs, "DEC Private Mode Set") common to present
 * terminals.
 */

/** Switches to the alternate screen, without cursor; long lines are cut, not wrapped. */
export const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/** Switches back to the previous contents of the terminal. */
export const LEAVE_SCREEN = "\x1b[?7h\x1b[?25h\x1b[?1049l";

const HOME = "\x1b[H";
const ERASE_REST_OF_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

/**
 * Draws lines over the present ones. To avoid flicker, nothing is cleared
 * before it is overwritten; no newline follows the last line, because a full
 * screen would scroll.
 */
export function drawScreen(lines: readonly string[]): string {
  const drawn = lines.map((line) => line + ERASE_REST_OF_LINE);
  return HOME + drawn.join("\r\n") + ERASE_BELOW;
}

/**
 * A table of disks in a limited number of lines; if there are more, the last
 * line gives their number.
 */
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
