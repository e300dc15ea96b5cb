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

/** The local time of the reader. */
export interface Zone {
  /** Minutes east of UTC at a time, in ms since 1970. */
  readonly offsetAt: (ms: number) => number;
}

type InZone = Pick<ViewOptions, "zone">;

/** A time by the reader's clock, in parts with two digits. */
interface LocalTime {
  readonly ms: number;
  readonly weekday: string;
  readonly day: string;
  readonly month: string;
  readonly year: number;
  /** `12:00` */
  readonly minute: string;
  /** `12:00:59` */
  readonly second: string;
  /** Days since 1970, to compare. */
  readonly dayNumber: number;
  /** `Z` in UTC, otherwise empty. */
  readonly mark: string;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
export const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(
  " ",
);
const DAY_MS = 86_400_000;

/** `null` if it is no valid time. */
function localTime(ms: number, { zone }: InZone): LocalTime | null {
  if (Number.isNaN(ms)) return null;
  const offset = zone.offsetAt(ms);
  const local = new Date(ms + offset * 60_000);
  const text = local.toISOString();
  return {
    ms,
    weekday: WEEKDAYS[local.getUTCDay()]!,
    day: text.slice(8, 10),
    month: MONTHS[local.getUTCMonth()]!,
    year: local.getUTCFullYear(),
    minute: text.slice(11, 16),
    second: text.slice(11, 19),
    dayNumber: Math.floor(local.getTime() / DAY_MS),
    mark: offset === 0 ? "Z" : "",
  };
}

/** Older times have a year in place of the clock, as in ls(1). */
const OLD_MS = 183 * DAY_MS;

/**
 * An RFC 3339 time for a table whose heading names the zone: `02 Nov 10:12`, or
 * `02 Nov  2025`; with `seconds` always with them. `?` if it is no valid time.
 */
export function formatStamp(
  time: string,
  { view, seconds = false }: {
    readonly view: Pick<ViewOptions, "zone" | "now">;
    readonly seconds?: boolean;
  },
): string {
  const at = localTime(Date.parse(time), view);
  if (at === null) return "?";
  const isOld = view.now - at.ms > OLD_MS;
  const day = `${at.day} ${at.month}`;
  if (seconds) return `${day} ${isOld ? `${at.year} ` : ""}${at.second}`;
  return isOld ? `${day}  ${at.year}` : `${day} ${at.minute}`;
}

/** The zones of some times, for a heading: `UTC+1`, or `UTC+2, UTC+1` across a change of the clock. */
export function zonesOf(times: readonly string[], { zone }: InZone): string {
  const offsets = times.map((time) => Date.parse(time))
    .filter((ms) => !Number.isNaN(ms)).map(zone.offsetAt);
  return [...new Set(offsets)].map(zoneName).join(", ");
}

/** An offset as a name of a zone: `UTC`, `UTC+1`, `UTC-3:30`. */
function zoneName(offset: number): string {
  if (offset === 0) return "UTC";
  const minutes = Math.abs(offset);
  const rest = minutes % 60;
  const hours = `${offset < 0 ? "-" : "+"}${Math.floor(minutes / 60)}`;
  return `UTC${hours}${rest === 0 ? "" : `:${`${rest}`.padStart(2, "0")}`}`;
}

/**
 * An RFC 3339 time for a sentence: `today 14:30`, `yesterday 23:02`, `Sat 21
 * Nov 14:30`, with the year if it is another; in UTC with `Z`. `?` if it is no
 * valid time.
 */
export function formatMoment(
  time: string,
  view: Pick<ViewOptions, "zone" | "now">,
): string {
  const at = localTime(Date.parse(time), view);
  const now = localTime(view.now, view)!;
  if (at === null) return "?";
  return `${dayOf(at, now)} ${at.minute}${at.mark}`;
}

function dayOf(at: LocalTime, now: LocalTime): string {
  const days = now.dayNumber - at.dayNumber;
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  const year = at.year === now.year ? "" : ` ${at.year}`;
  return `${at.weekday} ${at.day} ${at.month}${year}`;
}

/** A duration for a sentence, in its largest unit: `6 s`, `4 min`, `2 h`, `1 day`, `400 days`. */
export function sayDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return count(Math.floor(seconds / 86_400), "day");
}

/** The same from an RFC 3339 time until `now`. */
export function durationSince(time: string, now: number): string {
  const ms = now - Date.parse(time);
  return Number.isNaN(ms) ? "?" : sayDuration(ms);
}

/** A host that said goodbye does not say why. */
export function sayShutDown(when: string): string {
  return `was shut down ${when} (or only its diskd was stopped)`;
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

/** For readers whose clock is unknown. */
export const UTC: Zone = { offsetAt: () => 0 };

/** How a view is drawn. */
export interface ViewOptions {
  /** Width of the terminal; `Infinity` for other output, which is never cut. */
  readonly columns: number;
  readonly color: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly zone: Zone;
  /** Whether the terminal shows characters other than ASCII. */
  readonly utf8: boolean;
}

/** A JSON document, with a row of a list per line, so that line tools can search it. */
export function renderJson(view: unknown): string {
  if (!Array.isArray(view)) {
    return `${printableJson(JSON.stringify(view, null, 2))}\n`;
  }
  const json = new JsonRows();
  return json.add(view) + json.end();
}

/** A list as JSON, a row per line, for what comes in parts. */
export class JsonRows {
  #isEmpty = true;

  add(rows: readonly unknown[]): string {
    const lines = rows.map((row) => printableJson(JSON.stringify(row)));
    if (lines.length === 0) return "";
    const before = this.#isEmpty ? "[\n" : ",\n";
    this.#isEmpty = false;
    return before + lines.join(",\n");
  }

  end(): string {
    return this.#isEmpty ? "[]\n" : "\n]\n";
  }
}

/** JSON on a single line. */
export function renderJsonLine(view: unknown): string {
  return `${printableJson(JSON.stringify(view))}\n`;
}
