import type { SightingRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  DEVICE,
  greyUnlessAttached,
  HOST_COLUMN,
  LABEL,
  UUID,
} from "./disks.ts";
import { bold, formatMinute, formatSpan, type ViewOptions } from "./format.ts";
import {
  type Column,
  cutToWidth,
  displayWidth,
  GAP,
  NO_VALUE,
  renderTable,
} from "./table.ts";

const COLUMNS: readonly Column<SightingRow>[] = [
  { title: "FROM", text: (row, view) => formatMinute(row.from, view) },
  { title: "UNTIL", text: showUntil },
  { ...HOST_COLUMN, yieldsAs: 5 },
  { ...DEVICE, yieldsAs: 4 },
  { ...LABEL, yieldsAs: 3 },
  { ...UUID, yieldsAs: 1 },
  {
    title: "MOUNTED",
    text: (row) => row.mounts.map(printable).join(",") || NO_VALUE,
    yieldsAs: 2,
    minWidth: 8,
  },
];

/** Rows of `history`, in the given order; grey if over. */
export function renderSightings(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: COLUMNS, paint, view });
}

/** While its host is silent, nobody knows whether the disk is still there. */
function showUntil(
  { state, until }: SightingRow,
  view: ViewOptions,
): string {
  if (until === null) return "now";
  return state === "stale"
    ? `${formatMinute(until, view)} stale`
    : formatMinute(until, view);
}

/** With less room there is no timeline. */
const MIN_BAR_WIDTH = 10;
/** More columns show nothing more. */
const MAX_BAR_WIDTH = 100;
/** Largest number of disks with a timeline. */
const MAX_TIMELINES = 10;

const INDENT = "  ";

/** The disk was there; it was not; nobody knows, because its host was silent. */
const THERE = "#";
const AWAY = ".";
const UNKNOWN = "?";

/**
 * For each disk a line for each host that had it, oldest host first, with
 * columns of time from the oldest sighting to now. Empty if the terminal is too
 * narrow.
 */
export function renderTimelines(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const disks = [...Map.groupBy(rows, diskOf).values()];
  const shown = disks.slice(0, MAX_TIMELINES)
    .map((ofDisk) => renderTimeline(ofDisk, view)).join("");
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

function renderTimeline(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const hosts = [...Map.groupBy(rows, ({ hostId }) => hostId).values()]
    .map((ofHost) => ({ name: printable(ofHost[0]!.host), rows: ofHost }))
    .sort((a, b) => firstFrom(a.rows) - firstFrom(b.rows));
  const columns = Math.min(view.columns, Number.MAX_SAFE_INTEGER);
  const room = columns - INDENT.length - GAP.length;
  const longest = Math.max(...hosts.map(({ name }) => displayWidth(name)));
  const nameWidth = Math.min(longest, Math.floor(room / 3));
  const barWidth = Math.min(room - nameWidth, MAX_BAR_WIDTH);
  if (barWidth < MIN_BAR_WIDTH) return "";
  const scale = { from: firstFrom(rows), to: view.now, width: barWidth };
  const lines = hosts.map(({ name, rows }) => {
    const shown = cutToWidth(name, nameWidth);
    const padding = " ".repeat(nameWidth - displayWidth(shown));
    return `${INDENT}${shown}${padding}${GAP}${bar(rows, scale)}\n`;
  });
  const title = cutToWidth(titleOf(rows, scale, view), columns);
  return `${bold(title, view)}\n${lines.join("")}`;
}

/** The disk, and the time span of the columns. */
function titleOf(
  rows: readonly SightingRow[],
  { from, to }: Scale,
  view: ViewOptions,
): string {
  const { label, uuid, device } = rows[0]!;
  const name = printable(label || uuid || device);
  const since = formatMinute(new Date(from).toISOString(), view);
  return `${name}, from ${since} to now, ${formatSpan(to - from)}`;
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

function bar(rows: readonly SightingRow[], scale: Scale): string {
  const cells = new Array<string>(scale.width).fill(AWAY);
  for (const { state, from, until } of rows) {
    const end = until === null ? scale.to : Date.parse(until);
    if (state === "stale") cells.fill(UNKNOWN, columnAt(end, scale));
    const first = columnAt(Date.parse(from), scale);
    const last = columnAt(end - 1, scale);
    cells.fill(THERE, first, Math.max(first, last) + 1);
  }
  return cells.join("");
}

/** The column of a time; for a time outside all columns, the nearest. */
function columnAt(at: number, { from, to, width }: Scale): number {
  const column = Math.floor((at - from) / Math.max(1, to - from) * width);
  return Math.min(Math.max(column, 0), width - 1);
}
