/** Selects, sorts and shows rows of disks as flags of `list` say. */
import type { DiskRow, ListParams } from "../control/views.ts";
import {
  type HostIdentifiers,
  resolveDisks,
  resolveHosts,
} from "../inventory/resolve.ts";
import {
  ALL_COLUMNS,
  DEFAULT_COLUMNS,
  type DiskColumn,
  findColumn,
  shownType,
} from "../render/disk_columns.ts";
import type { ViewOptions } from "../render/format.ts";
import { byDevice, byHost } from "../render/drives.ts";
import { matchesGlob } from "../text/glob.ts";
import { compareNatural } from "../text/natural.ts";
import { Suggestions } from "../text/nearest.ts";

/** What the flags select. */
interface Selected {
  /** Names of disks; none: all. */
  readonly names: readonly string[];
  /** Names, ids or globs of hosts; none: all. */
  readonly hosts: readonly string[];
  /** Types of filesystems, or globs; none: all. */
  readonly types: readonly string[];
}

/** A list, as the flags select and show it. */
export interface DiskList {
  readonly params: ListParams;
  readonly select: (rows: readonly DiskRow[]) => readonly DiskRow[];
  readonly render: (rows: readonly DiskRow[], view: ViewOptions) => string;
  /** What a terminal shows besides; `null` for nothing. */
  readonly summary: ((rows: readonly DiskRow[]) => string) | null;
}

/** A flag whose value means nothing. The message says what was expected. */
export class UnknownValue extends Error {
  override readonly name = "UnknownValue";
}

/**
 * The selected rows, each host's by device.
 * @throws {UnknownValue} for a name that means no host
 */
export function selectDisks(
  rows: readonly DiskRow[],
  { names, hosts, types }: Selected,
): DiskRow[] {
  const hostIds = hosts.length === 0 ? null : hostIdsOf(hosts, rows);
  const found = names.length === 0 ? null : new Set(
    names.flatMap((name) => resolveDisks(name, rows, ROW).found),
  );
  return byHost(rows).flatMap((ofHost) => ofHost.toSorted(byDevice))
    .filter((row) => hostIds === null || hostIds.has(row.hostId))
    .filter((row) => types.length === 0 || isOfType(row, types))
    .filter((row) => found === null || found.has(row));
}

/** Those of the names that are no disk of these. */
export function unmatchedNames(
  names: readonly string[],
  rows: readonly DiskRow[],
): string[] {
  return names.filter((name) =>
    resolveDisks(name, rows, ROW).found.length === 0
  );
}

const ROW = {
  diskOf: (row: DiskRow) => row,
  hostOf: ({ hostId, host }: DiskRow) => ({ id: hostId, name: host }),
};

function hostIdsOf(
  wanted: readonly string[],
  rows: readonly DiskRow[],
): ReadonlySet<string> {
  const hosts = new Map(
    rows.map(({ hostId, host }) => [hostId, { id: hostId, name: host }]),
  );
  return new Set(wanted.flatMap((name) => {
    const found: readonly HostIdentifiers[] = /[*?]/.test(name)
      ? [...hosts.values()].filter((host) => matchesGlob(host.name, name))
      : resolveHosts(name, hosts.values());
    if (found.length > 0) return found.map(({ id }) => id);
    const names = [...hosts.values()].map(({ name }) => name);
    throw new UnknownValue(
      `--host is ${name}, expected a host with disks${meant(name, names)}`,
    );
  }));
}

function meant(name: string, known: readonly string[]): string {
  const suggestions = new Suggestions(name);
  for (const one of known) suggestions.offer(one);
  const best = suggestions.best(MAX_SUGGESTIONS);
  return best.length === 0 ? "" : `; did you mean ${best.join(", or ")}?`;
}

const MAX_SUGGESTIONS = 3;

function isOfType(row: DiskRow, wanted: readonly string[]): boolean {
  return [row.type, shownType(row), ...row.types].some((one) =>
    one !== null && wanted.some((glob) => matchesGlob(one, glob))
  );
}

/**
 * The columns that `-o` names: a list, or with `+` at the beginning of one
 * added to the default.
 * @throws {UnknownValue}
 */
export function columnsFor(output: string): DiskColumn[] {
  const names = output.split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  const isAdded = names.some((name) => name.startsWith("+"));
  const wanted = names.map((name) =>
    columnNamed(name.replace(/^\+/, ""), "-o")
  );
  const before = isAdded
    ? DEFAULT_COLUMNS.map((name) => findColumn(name)!)
    : [];
  return [...new Set([...before, ...wanted])];
}

function columnNamed(name: string, flag: string): DiskColumn {
  const column = findColumn(name);
  if (column !== undefined) return column;
  const known = ALL_COLUMNS.flatMap(({ title, aliases = [] }) => [
    title,
    ...aliases,
  ]);
  throw new UnknownValue(
    `${flag} names the column ${name}, which is unknown${
      meant(name.toUpperCase(), known)
    }; see: diskd list -o help`,
  );
}

/**
 * Rows in the order of a column; what is unknown comes last.
 * @throws {UnknownValue}
 */
export function sortDisks<Row extends DiskRow>(
  rows: readonly Row[],
  name: string,
): Row[] {
  const { sortBy } = columnNamed(name, "--sort");
  return rows.toSorted((a, b) => compareValues(sortBy(a), sortBy(b)));
}

type SortValue = string | number | null;

function compareValues(a: SortValue, b: SortValue): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : compareNatural(`${a}`, `${b}`);
}

/** The names of columns, with what they mean, a line each. */
export function helpOnColumns(): string {
  const width = Math.max(...ALL_COLUMNS.map(({ title }) => title.length));
  return ALL_COLUMNS.map(({ title, brief, aliases = [] }) => {
    const others = aliases.length === 0 ? "" : ` (also ${aliases.join(", ")})`;
    return `${title.padEnd(width)}  ${brief}${others}\n`;
  }).join("");
}
