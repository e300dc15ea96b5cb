import { printableJson } from "../text/printable.ts";

const TIME_UNITS = [
  { name: "y", seconds: 365 * 86_400 },
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "m", seconds: 60 },
] as const;

/** A duration in its largest unit, rounded down: `3s`, `12m`, `4d`. A negative duration is `0s`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const unit of TIME_UNITS) {
    if (seconds >= unit.seconds) {
      return `${Math.floor(seconds / unit.seconds)}${unit.name}`;
    }
  }
  return `${seconds}s`;
}

/** Time from an RFC 3339 time until `now` (ms since 1970); `?` if it is no valid time. */
export function formatAge(time: string, now: number): string {
  const ms = now - Date.parse(time);
  return Number.isNaN(ms) ? "?" : formatSpan(ms);
}

const SIZE_UNITS = ["B", "K", "M", "G", "T", "P", "E"];

/** A size as lsblk writes it: powers of 1024, one decimal if not zero, `3.6T`, `512M`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (roundToTenth(value) >= 1024 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${roundToTenth(value)}${SIZE_UNITS[unit]}`;
}

function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** An RFC 3339 time to the minute, in UTC: `2026-01-31 12:00Z`; `?` if it is no valid time. */
export function formatMinute(time: string): string {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return "?";
  const [day, hours] = new Date(ms).toISOString().split("T");
  return `${day} ${hours!.slice(0, "12:00".length)}Z`;
}

/** `1 disk`, `2 disks`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

const RESET = "\x1b[0m";

/** Highlights a line, for headings. */
export function bold(text: string, { color }: { color: boolean }): string {
  return color ? `\x1b[1m${text}${RESET}` : text;
}

/** Dims a line, for anything not present now. */
export function grey(text: string, { color }: { color: boolean }): string {
  return color ? `\x1b[90m${text}${RESET}` : text;
}

/** A line of details: name and text; `null` if unknown, and then left out. */
export type Detail = readonly [what: string, text: string | null];

/** Lines of `name  text`, with the texts aligned and never cut. */
export function renderDetails(
  details: readonly Detail[],
  { indent = "" }: { readonly indent?: string } = {},
): string {
  const known = details.filter(([, text]) => text !== null);
  const width = Math.max(...known.map(([what]) => what.length));
  return known
    .map(([what, text]) => `${indent}${what.padEnd(width)}  ${text}\n`)
    .join("");
}

/** How a view is drawn. */
export interface ViewOptions {
  /** Width of the terminal; `Infinity` for other output, which is never cut. */
  readonly columns: number;
  readonly color: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A JSON document, with a row of a list per line, so that line tools can search it. */
export function renderJson(view: unknown): string {
  if (!Array.isArray(view)) {
    return `${printableJson(JSON.stringify(view, null, 2))}\n`;
  }
  if (view.length === 0) return "[]\n";
  const rows = view.map((row) => printableJson(JSON.stringify(row)));
  return `[\n${rows.join(",\n")}\n]\n`;
}

/** JSON on a single line. */
export function renderJsonLine(view: unknown): string {
  return `${printableJson(JSON.stringify(view))}\n`;
}
