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

/** The lines of a text that fit; if there are more, the last one gives their number. */
export function visibleLines(text: string, lines: number): string[] {
  const all = text.split("\n").slice(0, -1);
  if (all.length <= lines) return all;
  const shown = all.slice(0, Math.max(0, lines - 1));
  return [...shown, `... and ${all.length - shown.length} more`].slice(-lines);
}
