/** Bars of the times during which hosts had a disk, over an axis of time. */
import type { SightingRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { bold, MONTHS, type ViewOptions } from "./format.ts";
import { cutToWidth, displayWidth, GAP } from "./table.ts";

/** With less room there is no timeline. */
const MIN_BAR_WIDTH = 10;
/** More columns show nothing more. */
const MAX_BAR_WIDTH = 100;
/** Largest number of disks with a timeline. */
const MAX_TIMELINES = 10;

/** Nobody knows, because the host was silent. */
const UNKNOWN = "?";
const AWAY = " ";

/**
 * For each disk an axis and a line for each host that had it, oldest host
 * first, from the oldest sighting to now. Empty if the terminal is too narrow.
 */
export function renderTimelines(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const disks = [...Map.groupBy(rows, diskOf).values()];
  const shown = disks.slice(0, MAX_TIMELINES)
    .map((ofDisk) => {
      const lines = renderTimeline(ofDisk, view);
      if (lines === "" || disks.length === 1) return lines;
      return `${
        bold(cutToWidth(nameOf(ofDisk), view.columns), view)
      }\n${lines}`;
    }).join("");
  const left = disks.length - MAX_TIMELINES;
  return shown === "" || left <= 0
    ? shown
    : `${shown}... and ${left} more disks\n`;
}

/**
 * Members of a btrfs share a UUID; a disk without a UUID is identified by its
 * label, or its place.
 */
function diskOf(
  { uuid, uuid_sub, label, hostId, device }: SightingRow,
): string {
  if (uuid !== null) return JSON.stringify([uuid, uuid_sub]);
  return JSON.stringify(label === null ? [hostId, device, null] : [label]);
}

function nameOf([row]: readonly SightingRow[]): string {
  const { label, uuid, device } = row!;
  return printable(label || uuid || device);
}

function renderTimeline(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const hosts = [...Map.groupBy(rows, ({ hostId }) => hostId).values()]
    .map((ofHost) => ({ name: printable(ofHost[0]!.uniqueHost), rows: ofHost }))
    .sort((a, b) => firstFrom(a.rows) - firstFrom(b.rows));
  const columns = Math.min(view.columns, Number.MAX_SAFE_INTEGER);
  const room = columns - GAP.length;
  const longest = Math.max(...hosts.map(({ name }) => displayWidth(name)));
  const nameWidth = Math.min(longest, Math.floor(room / 3));
  const barWidth = Math.min(room - nameWidth, MAX_BAR_WIDTH);
  if (barWidth < MIN_BAR_WIDTH) return "";
  const scale = { from: firstFrom(rows), to: view.now, width: barWidth };
  const line = (name: string, text: string) => {
    const shown = cutToWidth(name, nameWidth);
    const padding = " ".repeat(nameWidth - displayWidth(shown));
    return `${shown}${padding}${GAP}${text}`.trimEnd() + "\n";
  };
  const marks = axis(scale, view);
  return (marks === "" ? "" : line("", marks)) +
    hosts.map(({ name, rows }) => line(name, bar(rows, { scale, view })))
      .join("");
}

function firstFrom(rows: readonly SightingRow[]): number {
  return Math.min(...rows.map(({ from }) => Date.parse(from)));
}

interface Scale {
  /** Ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** In columns. */
  readonly width: number;
}

function bar(
  rows: readonly SightingRow[],
  { scale, view }: { readonly scale: Scale; readonly view: ViewOptions },
): string {
  const there = view.utf8 ? "█" : "#";
  const cells = new Array<string>(scale.width).fill(AWAY);
  for (const { state, from, until } of rows) {
    const end = until === null ? scale.to : Date.parse(until);
    if (state === "stale") cells.fill(UNKNOWN, columnAt(end, scale));
    const first = columnAt(Date.parse(from), scale);
    const last = columnAt(end - 1, scale);
    cells.fill(there, first, Math.max(first, last) + 1);
  }
  return cells.join("");
}

/** The column of a time; for a time outside all columns, the nearest. */
function columnAt(at: number, { from, to, width }: Scale): number {
  const column = Math.floor((at - from) / Math.max(1, to - from) * width);
  return Math.min(Math.max(column, 0), width - 1);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30 * DAY_MS;

/** Distances of the marks on the axis, in ms, or in months. */
const STEPS = [
  ...[1, 10].map((minutes) => ({ ms: minutes * MINUTE_MS, months: 0 })),
  ...[1, 3, 6, 12].map((hours) => ({ ms: hours * HOUR_MS, months: 0 })),
  ...[1, 2, 7, 14].map((days) => ({ ms: days * DAY_MS, months: 0 })),
  ...[1, 3, 12].map((months) => ({ ms: months * MONTH_MS, months })),
];

/** Room for the text of a mark, and a gap. */
const MARK_WIDTH = "02 Nov".length + GAP.length;

/** The most marks that fit, each at the column of its time. */
function axis(scale: Scale, { zone }: ViewOptions): string {
  const span = scale.to - scale.from;
  const most = Math.max(1, Math.floor(scale.width / MARK_WIDTH));
  const step = STEPS.find(({ ms }) => span / ms <= most) ?? STEPS.at(-1)!;
  const offset = zone.offsetAt(scale.to) * MINUTE_MS;
  let text = "";
  for (
    const local of timesOfMarks(scale.from + offset, scale.to + offset, step)
  ) {
    const column = columnAt(local - offset, scale);
    const mark = markText(local, step.ms);
    if (column < text.length || column + mark.length > scale.width) continue;
    text = `${text.padEnd(column)}${mark}${GAP}`;
  }
  return text;
}

/** Local times from the first multiple of the step. */
function* timesOfMarks(
  from: number,
  to: number,
  { ms, months }: typeof STEPS[number],
): Generator<number> {
  if (months === 0) {
    for (let at = Math.ceil(from / ms) * ms; at <= to; at += ms) yield at;
    return;
  }
  const start = new Date(from);
  const year = start.getUTCFullYear();
  let month = Math.floor(start.getUTCMonth() / months) * months;
  for (;; month += months) {
    const at = Date.UTC(year, month);
    if (at > to) return;
    if (at >= from) yield at;
  }
}

/** `14:00`, `02 Nov` from its midnight, `Nov`, or the year for its first month. */
function markText(local: number, stepMs: number): string {
  const at = new Date(local);
  const text = at.toISOString();
  if (local % DAY_MS !== 0) return text.slice(11, 16);
  const month = at.getUTCMonth();
  if (stepMs < MONTH_MS) return `${text.slice(8, 10)} ${MONTHS[month]}`;
  return month === 0 ? text.slice(0, 4) : MONTHS[month]!;
}
