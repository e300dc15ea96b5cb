import type { HistoryRow, SightingRow } from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import { printable } from "../text/printable.ts";
import { shortDevice } from "./disk_columns.ts";
import { greyUnlessAttached } from "./disks.ts";
import {
  formatStamp,
  sayDuration,
  type ViewOptions,
  zonesOf,
} from "./format.ts";
import { renderRemarked } from "./remarks.ts";
import { sitesIn } from "./sites.ts";
import { cellText, type Column, NO_VALUE, renderTable } from "./table.ts";

/** A sighting that was shorter has its times with seconds. */
const SHORT_MS = 10 * 60_000;

/** Shown if the hosts are of several sites. */
const SITE: Column<SightingRow> = {
  title: "SITE",
  text: ({ site }) => cellText(site ?? null),
  yieldsAs: 4,
  minWidth: 4,
};

/** The history of what a name means: what was said of it, then its sightings. */
export function renderHistoryOf(
  rows: readonly HistoryRow[],
  view: ViewOptions,
): string {
  const noted = lastOfEach(rows).filter(({ remarks }) => remarks.length > 0);
  const said = renderRemarked(noted, view);
  return (said === "" ? "" : `${said}\n`) + renderSightings(rows, view);
}

/** Rows of `history`, in the given order; grey if over. */
export function renderSightings(
  rows: readonly SightingRow[],
  view: ViewOptions,
): string {
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: columnsFor(rows, view), paint, view });
}

/**
 * On a terminal, without the label and the UUID if they are the same in all
 * rows.
 */
function columnsFor(
  rows: readonly SightingRow[],
  view: ViewOptions,
): Column<SightingRow>[] {
  const isShown = (column: Column<SightingRow>) =>
    view.columns === Infinity ||
    new Set(rows.map((row) => column.text(row, view))).size > 1;
  const named: Column<SightingRow>[] = [
    {
      title: "LABEL",
      text: ({ label }) => cellText(label),
      yieldsAs: 3,
      minWidth: 8,
      keep: true,
    },
    { title: "UUID", text: ({ uuid }) => cellText(uuid), yieldsAs: 1 },
  ];
  return [
    when(rows, view),
    {
      title: "FOR",
      text: (row, { now }) => sayDuration(lastedMs(row, now)),
      align: "right",
      yieldsAs: 6,
    },
    {
      title: "HOST",
      text: ({ uniqueHost }) => printable(uniqueHost),
      yieldsAs: 5,
      minWidth: 8,
      keep: true,
    },
    ...sitesIn(rows).size > 1 ? [SITE] : [],
    {
      title: "DEVICE",
      text: ({ device }) => printable(device),
      yieldsAs: 4,
      minWidth: 6,
      keep: true,
      shortText: ({ device }) => printable(shortDevice(device)),
    },
    ...named.filter(isShown),
    {
      title: "LAST MOUNTED ON",
      text: showMounted,
      yieldsAs: 2,
      minWidth: 15,
    },
  ];
}

function when(
  rows: readonly SightingRow[],
  view: ViewOptions,
): Column<SightingRow> {
  const last = new Set(lastOfEach(rows));
  const times = rows.flatMap(({ from, until }) =>
    until === null ? [from] : [from, until]
  );
  return {
    title: `WHEN (${zonesOf(times, view)})`,
    text(row) {
      const seconds = lastedMs(row, view.now) < SHORT_MS;
      const stamp = (time: string) => formatStamp(time, { view, seconds });
      const { from, until } = row;
      const end = until === null ? "now" : stamp(until);
      return `${stamp(from)} - ${end}${sayWhy(row, last.has(row))}`;
    },
  };
}

/** Why it ended. Of the earlier sightings of a disk that is no question. */
function sayWhy({ state, unplugged }: SightingRow, isLast: boolean): string {
  if (state === "stale") return " (silent)";
  if (state === "attached" || !isLast) return "";
  return unplugged ? " (unplugged)" : " (shut down)";
}

/** The newest row of each disk: where it is, or was last. */
function lastOfEach<Row extends SightingRow>(rows: readonly Row[]): Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const name = nameAt(row, row.hostId);
    if (!newest.has(name)) newest.set(name, row);
  }
  return [...newest.values()];
}

/** Until now, or until its host was last heard. */
function lastedMs({ from, until }: SightingRow, now: number): number {
  return (until === null ? now : Date.parse(until)) - Date.parse(from);
}

/** The last mount points, and whether they still are, or were when it left. */
function showMounted(
  { mounts, inUse, state, unplugged }: SightingRow,
): string {
  if (mounts.length === 0) return NO_VALUE;
  const shown = mounts.map(printable).join(",");
  if (!inUse) return shown;
  if (state === "attached") return `${shown} (now)`;
  return unplugged ? `${shown} (not unmounted)` : shown;
}
