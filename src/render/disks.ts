import type { DiskRow, DiskState } from "../control/views.ts";
import { compareNatural } from "../text/natural.ts";
import { printable } from "../text/printable.ts";
import { COLUMNS_IF_ANY, DEFAULT_COLUMNS, findColumn } from "./disk_columns.ts";
import { count, grey, type ViewOptions } from "./format.ts";
import { sitesIn } from "./sites.ts";
import { type Column, NO_VALUE, renderTable } from "./table.ts";

/** The rows of each host. */
export function byHost(rows: readonly DiskRow[]): DiskRow[][] {
  return [...Map.groupBy(rows, ({ hostId }) => hostId).values()];
}

export function byDevice(
  a: Pick<DiskRow, "device">,
  b: Pick<DiskRow, "device">,
): number {
  return compareNatural(inCounting(a.device), inCounting(b.device));
}

/** The kernel counts disks in letters: sdz comes before sdaa (drivers/scsi/sd.c, `sd_format_disk_name`). */
function inCounting(device: string): string {
  return device.replace(
    /^(\/dev\/(?:sd|vd|xvd|hd))([a-z]{1,7})(?=\d*$)/,
    (_, kind: string, letters: string) => `${kind}${letters.padStart(7, "`")}`,
  );
}

/** The order of `list`: each host's rows by device. */
export function inOrder(rows: readonly DiskRow[]): DiskRow[] {
  return byHost(rows).flatMap((ofHost) => ofHost.toSorted(byDevice));
}

/** Colours the line of a disk that is not attached now. */
export function greyUnlessAttached(view: ViewOptions) {
  return (line: string, { state }: { readonly state: DiskState }): string =>
    state === "attached" ? line : grey(line, view);
}

/** How a table of disks looks. */
interface DisksOptions<Row> {
  /** Default: those of `list`. */
  readonly columns?: readonly Column<Row>[];
  /** Default true. */
  readonly hasHeading?: boolean;
  /** Sizes in bytes. Default false. */
  readonly inBytes?: boolean;
  /** On a terminal, a host is named at its first row alone. Default false. */
  readonly isGrouped?: boolean;
  /** Whether the site is shown. Default: if the rows are of several. */
  readonly hasSite?: boolean;
}

/** A table of disks in the given order; grey if not attached now. */
export function renderDisks<Row extends DiskRow>(
  rows: readonly Row[],
  view: ViewOptions,
  options: DisksOptions<Row> = {},
): string {
  const { columns, hasHeading = true, inBytes, isGrouped, hasSite } = options;
  const isOnTerminal = view.columns !== Infinity;
  let shown: readonly Column<Row>[] = columns ??
    defaultColumns(rows, { view, hasSite });
  if (inBytes) shown = shown.map(withBytes);
  if (isGrouped && isOnTerminal) {
    const first = firstOfHosts(rows);
    shown = shown.map((column) => onlyFirst(column, first));
  }
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: shown, hasHeading, paint, view });
}

/** What somebody said has a column if some row has any; on a terminal, so has the state. */
function defaultColumns(
  rows: readonly DiskRow[],
  { view, hasSite = sitesIn(rows).size > 1 }: {
    readonly view: ViewOptions;
    readonly hasSite?: boolean | undefined;
  },
): Column<DiskRow>[] {
  return DEFAULT_COLUMNS.map((name) => findColumn(name)!).filter((column) => {
    if (column.title === "SITE") return hasSite;
    const isAlways = !COLUMNS_IF_ANY.has(column.title) &&
      (column.title !== "STATE" || view.columns === Infinity);
    return isAlways || rows.some((row) => hasText(column.text(row, view)));
  });
}

function hasText(text: string): boolean {
  return text !== "" && text !== NO_VALUE;
}

/** A column of sizes with bytes instead, any other as it is. */
export function withBytes<Row extends DiskRow>(
  column: Column<Row>,
): Column<Row> {
  if (column.title !== "SIZE") return column;
  return {
    ...column,
    text: ({ size }) => size === null ? NO_VALUE : `${size}`,
  };
}

function firstOfHosts<Row extends DiskRow>(
  rows: readonly Row[],
): ReadonlySet<Row> {
  return new Set(
    rows.filter(({ hostId }, i) => i === 0 || rows[i - 1]!.hostId !== hostId),
  );
}

function onlyFirst<Row>(
  column: Column<Row>,
  first: ReadonlySet<Row>,
): Column<Row> {
  if (column.title !== "HOST" && column.title !== "SITE") return column;
  return {
    ...column,
    text: (row, view) => first.has(row) ? column.text(row, view) : "",
  };
}

/** `69 disks on 12 hosts; 1 silent: htpc; 1 shut down: nas2; 3 unplugged`. */
export function sayCounts(rows: readonly DiskRow[]): string {
  const unplugged = rows.filter((row) => row.unplugged);
  const placed = rows.filter((row) => !row.unplugged);
  const hosts = new Set(placed.map(({ hostId }) => hostId));
  if (placed.length === 0) return `${count(rows.length, "disk")} unplugged`;
  const { size: sites } = sitesIn(placed);
  const at = sites > 1 ? ` at ${sites} sites` : "";
  return [
    `${count(placed.length, "disk")} on ${count(hosts.size, "host")}${at}`,
    ...sayHosts("silent", placed, "stale"),
    ...sayHosts("shut down", placed, "detached"),
    ...unplugged.length === 0 ? [] : [`${unplugged.length} unplugged`],
  ].join("; ");
}

function sayHosts(
  what: string,
  rows: readonly DiskRow[],
  state: DiskState,
): string[] {
  const names = new Map(
    rows.filter((row) => row.state === state)
      .map(({ hostId, uniqueHost }) => [hostId, uniqueHost]),
  );
  if (names.size === 0) return [];
  const shown = [...names.values()].slice(0, MAX_NAMED).map(printable);
  const more = names.size - shown.length;
  return [
    `${names.size} ${what}: ${shown.join(", ")}` +
    (more > 0 ? ` and ${more} more` : ""),
  ];
}

/** Of hosts that are not up. */
const MAX_NAMED = 3;
