/** Selects, sorts and shows rows as flags of `list` say. */
import type { DiskRow } from "../control/views.ts";
import {
  type HostIdentifiers,
  resolveDisks,
  resolveHosts,
} from "../inventory/resolve.ts";
import {
  ALL_COLUMNS,
  COLUMNS_IF_ANY,
  DEFAULT_COLUMNS,
  type DiskColumn,
  findColumn,
  shownType,
} from "../render/disk_columns.ts";
import { inOrder } from "../render/disks.ts";
import { drivesIn, renderDrives } from "../render/drives.ts";
import type { ViewOptions } from "../render/format.ts";
import { renderTree } from "../render/tree.ts";
import { matchesGlob } from "../text/glob.ts";
import { compareNatural } from "../text/natural.ts";
import { asTable, type Listed } from "./disk_list.ts";
import { atSites } from "./sites.ts";
import { meant, wrong } from "./wrong_value.ts";

/** What the flags select, and the shape of the table. */
interface Wanted {
  /** Names of disks; none: all. */
  readonly words: readonly string[];
  /** Names, ids or globs of hosts; none: all. */
  readonly host?: readonly string[] | undefined;
  /** Names or globs of sites; none: all. */
  readonly site?: readonly string[] | undefined;
  /** Types of filesystems, or globs; none: all. */
  readonly type?: readonly string[] | undefined;
  /** Tags, or globs; none: all. */
  readonly tag?: readonly string[] | undefined;
  readonly output?: string | undefined;
  readonly sort?: string | undefined;
  readonly drives: boolean;
  readonly tree: boolean;
  readonly devices: boolean;
  readonly noHeadings: boolean;
  readonly bytes: boolean;
}

/**
 * The rows that the flags select, and how they look.
 * @throws {Refusal} `usage` for a host, type or column that is none
 */
export function selectListed(
  all: readonly DiskRow[],
  wanted: Wanted,
): Listed {
  const { drives, tree, devices, sort, output, noHeadings } = wanted;
  const shape = { hasHeading: !noHeadings, inBytes: wanted.bytes };
  const unmatched = unmatchedNames(wanted.words, all);
  const inSort = <Row extends DiskRow>(rows: readonly Row[]) =>
    sort === undefined ? rows : sortDisks(rows, sort);
  const columns = output === undefined ? undefined : columnsFor(output);
  const selected = selectDisks(all, wanted);
  if (!tree && !drives) {
    return asTable(inSort(selected), {
      ...shape,
      ...(columns && { columns }),
      isGrouped: sort === undefined,
      unmatched,
    });
  }
  // Their layers matter too.
  const related = withRelatives(all, selected);
  if (tree) {
    const options = { ...shape, withHidden: devices };
    return {
      rows: related,
      render: (view) => renderTree(related, view, options),
      summary: null,
      unmatched,
    };
  }
  const rows = inSort(drivesIn(related, { withHidden: devices }));
  const render = (view: ViewOptions) => renderDrives(rows, view, shape);
  return { rows, render, summary: null, unmatched };
}

/** The selected rows, each host's by device. */
function selectDisks(
  rows: readonly DiskRow[],
  { words, host = [], site, type = [], tag = [] }: Wanted,
): DiskRow[] {
  const hostIds = host.length === 0 ? null : hostIdsOf(host, rows);
  const found = words.length === 0 ? null : new Set(
    words.flatMap((name) => resolveDisks(name, rows, ROW).found),
  );
  return inOrder(atSites(rows, site))
    .filter((row) => hostIds === null || hostIds.has(row.hostId))
    .filter((row) => type.length === 0 || isOfType(row, type))
    .filter((row) => tag.length === 0 || hasTag(row, tag))
    .filter((row) => found === null || found.has(row));
}

/** All devices that share a drive with those selected. */
function withRelatives(
  rows: readonly DiskRow[],
  selected: readonly DiskRow[],
): readonly DiskRow[] {
  if (selected.length === rows.length) return selected;
  const keyOf = (hostId: string, device: string) => `${hostId} ${device}`;
  const drivesOf = ({ hostId, drives }: DiskRow) =>
    drives.map(({ device }) => keyOf(hostId, device));
  const wanted = new Set(selected.flatMap(drivesOf));
  return rows.filter((row) => drivesOf(row).some((key) => wanted.has(key)));
}

function unmatchedNames(
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
  const hosts = new Map(rows.map(({ hostId, host, uniqueHost }) => [
    hostId,
    { id: hostId, name: host, uniqueHost },
  ]));
  return new Set(wanted.flatMap((name) => {
    const found: readonly HostIdentifiers[] = /[*?]/.test(name)
      ? [...hosts.values()].filter((host) =>
        matchesGlob(host.name, name) || matchesGlob(host.uniqueHost, name)
      )
      : resolveHosts(name, hosts.values());
    if (found.length > 0) return found.map(({ id }) => id);
    const names = [...hosts.values()].map(({ uniqueHost }) => uniqueHost);
    throw wrong(
      `--host is ${name}, expected a host with disks${meant(name, names)}`,
    );
  }));
}

function isOfType(row: DiskRow, wanted: readonly string[]): boolean {
  return [row.type, shownType(row), ...row.types].some((one) =>
    one !== null && wanted.some((glob) => matchesGlob(one, glob))
  );
}

function hasTag({ tags }: DiskRow, wanted: readonly string[]): boolean {
  return tags.some((tag) =>
    wanted.some((glob) => matchesGlob(tag, glob.toLowerCase()))
  );
}

/**
 * The columns that `-o` names: a list, or with `+` at the beginning of one
 * added to the default.
 */
function columnsFor(output: string): DiskColumn[] {
  const names = output.split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  const isAdded = names.some((name) => name.startsWith("+"));
  const wanted = names.map((name) =>
    columnNamed(name.replace(/^\+/, ""), "-o")
  );
  const before = isAdded
    ? DEFAULT_COLUMNS.filter((name) => !COLUMNS_IF_ANY.has(name))
      .map((name) => findColumn(name)!)
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
  throw wrong(
    `${flag} names the column ${name}, which is unknown${
      meant(name.toUpperCase(), known)
    }; see: diskd list -o help`,
  );
}

/** Rows in the order of a column; what is unknown comes last. */
function sortDisks<Row extends DiskRow>(
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
