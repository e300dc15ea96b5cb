import type { DiskRow, DiskState } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  DEFAULT_COLUMNS,
  type DiskColumn,
  findColumn,
} from "./disk_columns.ts";
import { count, grey, type ViewOptions } from "./format.ts";
import { cellText, type Column, NO_VALUE, renderTable } from "./table.ts";

/** Shared by the tables of disks and of sightings. */

export const HOST_COLUMN: Column<{ readonly host: string }> = {
  title: "HOST",
  text: (row) => printable(row.host),
  minWidth: 8,
  keep: true,
};

export const DEVICE: Column<{ readonly device: string }> = {
  title: "DEVICE",
  text: (row) => printable(row.device),
  minWidth: 6,
  keep: true,
  shortText: (row) => printable(row.device.replace("/dev/", "")),
};

export const LABEL: Column<Pick<DiskRow, "label">> = {
  title: "LABEL",
  text: (row) => cellText(row.label),
  minWidth: 8,
  keep: true,
};

export const UUID: Column<Pick<DiskRow, "uuid">> = {
  title: "UUID",
  text: (row) => cellText(row.uuid),
};

/** Colours the line of a disk that is not attached now. */
export function greyUnlessAttached(view: ViewOptions) {
  return (line: string, { state }: { readonly state: DiskState }): string =>
    state === "attached" ? line : grey(line, view);
}

/** How a table of disks looks. */
interface DisksOptions {
  /** Default: those of `list`. */
  readonly columns?: readonly DiskColumn[];
  /** Default true. */
  readonly hasHeading?: boolean;
  /** Sizes in bytes. Default false. */
  readonly inBytes?: boolean;
  /** On a terminal, a host is named at its first row alone. Default false. */
  readonly isGrouped?: boolean;
}

/** Rows of `list` and `where`, in the given order; grey if not attached now. */
export function renderDisks(
  rows: readonly DiskRow[],
  view: ViewOptions,
  options: DisksOptions = {},
): string {
  const { columns, hasHeading = true, inBytes, isGrouped } = options;
  const isOnTerminal = view.columns !== Infinity;
  let shown = columns ?? defaultColumns(rows, view);
  if (inBytes) shown = shown.map(withBytes);
  if (isGrouped && isOnTerminal) {
    const first = firstOfHosts(rows);
    shown = shown.map((column) => onlyFirst(column, first));
  }
  const paint = greyUnlessAttached(view);
  return renderTable(rows, { columns: shown, hasHeading, paint, view });
}

/** On a terminal, the state has a column only if some row has one. */
function defaultColumns(
  rows: readonly DiskRow[],
  view: ViewOptions,
): DiskColumn[] {
  const columns = DEFAULT_COLUMNS.map((name) => findColumn(name)!);
  const [state] = columns.slice(-1);
  const isNeeded = view.columns === Infinity ||
    rows.some((row) => state!.text(row, view) !== "");
  return isNeeded ? columns : columns.slice(0, -1);
}

function withBytes(column: DiskColumn): DiskColumn {
  if (column.title !== "SIZE") return column;
  return {
    ...column,
    text: ({ size }) => size === null ? NO_VALUE : `${size}`,
  };
}

function firstOfHosts(rows: readonly DiskRow[]): ReadonlySet<DiskRow> {
  return new Set(
    rows.filter(({ hostId }, i) => i === 0 || rows[i - 1]!.hostId !== hostId),
  );
}

function onlyFirst(
  column: DiskColumn,
  first: ReadonlySet<DiskRow>,
): DiskColumn {
  if (column.title !== "HOST") return column;
  return {
    ...column,
    text: (row, view) => first.has(row) ? column.text(row, view) : "",
  };
}

/** `69 disks on 12 hosts; 1 silent: htpc`. */
export function sayCounts(rows: readonly DiskRow[]): string {
  const hosts = new Map(rows.map(({ hostId, host }) => [hostId, host]));
  const silent = new Map(
    rows.filter(({ state }) => state === "stale")
      .map(({ hostId, host }) => [hostId, host]),
  );
  const names = [...silent.values()].slice(0, MAX_NAMED).map(printable);
  const more = silent.size - names.length;
  const rest = silent.size === 0
    ? ""
    : `; ${silent.size} silent: ${names.join(", ")}` +
      (more > 0 ? ` and ${more} more` : "");
  return `${count(rows.length, "disk")} on ${count(hosts.size, "host")}${rest}`;
}

/** Of silent hosts. */
const MAX_NAMED = 3;
