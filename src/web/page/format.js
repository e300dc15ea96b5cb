/** Texts, sizes and times as the command line shows them; a test compares both. */

/** See `printable` of src/text. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]|(?![\u{fe0e}\u{fe0f}])\p{Default_Ignorable_Code_Point}/gu;
const AMBIGUOUS_BACKSLASH = /\\(?=[\\xu]|$)/g;

/**
 * Text from a disk or the network: a line in which nothing hides.
 * @param {string} text
 */
export function visible(text) {
  let shown = "";
  let from = 0;
  for (const match of text.matchAll(UNSAFE)) {
    shown += doubled(text.slice(from, match.index), true);
    shown += escaped(/** @type {number} */ (match[0].codePointAt(0)));
    from = match.index + match[0].length;
  }
  return shown + doubled(text.slice(from), false);
}

/** @param {string} safe @param {boolean} beforeEscape */
function doubled(safe, beforeEscape) {
  return safe.replace(
    AMBIGUOUS_BACKSLASH,
    (backslash, /** @type {number} */ offset) =>
      !beforeEscape && offset === safe.length - 1 ? backslash : "\\\\",
  );
}

/** @param {number} code */
function escaped(code) {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

const SIZE_UNITS = ["B", "K", "M", "G", "T", "P", "E"];

/**
 * `3.6T`: powers of 1024.
 * @param {number} bytes
 */
export function sizeText(bytes) {
  let value = bytes;
  let unit = 0;
  while (tenth(value) >= 1024 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${tenth(value)}${SIZE_UNITS[unit]}`;
}

/** @param {number} value */
function tenth(value) {
  return Math.round(value * 10) / 10;
}

const AGE_UNITS = /** @type {const} */ ([
  ["y", 365 * 86_400],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
]);

/**
 * Time until now, in its largest unit: `3s`, `12m`, `4d`.
 * @param {string} time RFC 3339
 * @param {number} now ms since 1970
 */
export function ageText(time, now) {
  const ms = now - Date.parse(time);
  if (Number.isNaN(ms)) return "?";
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, length] = AGE_UNITS.find(([, length]) => seconds >= length) ??
    ["s", 1];
  return `${Math.floor(seconds / length)}${unit}`;
}

/**
 * A duration for a sentence: `6 s`, `4 min`, `2 h`, `1 day`.
 * @param {number} ms
 */
export function durationText(ms) {
  if (Number.isNaN(ms)) return "?";
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return counted(Math.floor(seconds / 86_400), "day");
}

/**
 * `1 disk`, `2 disks`.
 * @param {number} number
 * @param {string} thing
 */
export function counted(number, thing) {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

const DAY_MS = 86_400_000;

/**
 * A time by the reader's clock, for a sentence: `today 14:30`, `yesterday
 * 23:02`, `Sat 21 Nov 14:30`, with the year if it is another; in UTC with `Z`.
 * @param {string} time RFC 3339
 * @param {number} now ms since 1970
 */
export function momentText(time, now) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return "?";
  const mark = at.getTimezoneOffset() === 0 ? "Z" : "";
  return `${dayText(at, new Date(now))} ${clock(at)}${mark}`;
}

/** @param {Date} at @param {Date} now */
function dayText(at, now) {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  const year = at.getFullYear() === now.getFullYear()
    ? ""
    : ` ${at.getFullYear()}`;
  return `${WEEKDAYS[at.getDay()]} ${two(at.getDate())} ${
    MONTH_NAMES[at.getMonth()]
  }${year}`;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
export const MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
  .split(" ");

/** @param {Date} at */
function dayNumber(at) {
  return Math.floor((at.getTime() - at.getTimezoneOffset() * 60_000) / DAY_MS);
}

/** @param {Date} at */
function clock(at) {
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** @param {number} number */
export function two(number) {
  return `${number}`.padStart(2, "0");
}

/**
 * All of a time: `2026-11-22 21:47:02`.
 * @param {string} time RFC 3339
 */
export function exactText(time) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return "?";
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())];
  return `${day.join("-")} ${clock(at)}:${two(at.getSeconds())}`;
}

/** A word that a shell reads unchanged. */
const PLAIN = /^[\w./:@%+,-][\w./:@%+=,-]*$/;

/**
 * A word of a command for a shell; `null` if nobody can type it.
 * @param {string | null} word
 */
export function typedWord(word) {
  if (!word || word.startsWith("-") || word.search(UNSAFE) !== -1) return null;
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
