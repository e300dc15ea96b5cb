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
