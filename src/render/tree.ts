import type { DiskRow } from "../control/views.ts";
import { Layers, reach } from "../inventory/layers.ts";
import { printable } from "../text/printable.ts";
import {
  COLUMNS_IF_ANY,
  type DiskColumn,
  findColumn,
  shortDevice,
} from "./disk_columns.ts";
import { byDevice, byHost, withBytes } from "./disks.ts";
import { grey, type ViewOptions } from "./format.ts";
import { hostAt, sitesIn } from "./sites.ts";
import { type Column, NO_VALUE, renderTable } from "./table.ts";

/** A line of the tree: a host, or a device and what it is drawn with. */
interface TreeLine {
  readonly name: string;
  readonly row: DiskRow | null;
  /** That it is drawn on. */
  readonly below: DiskRow | null;
}

/** Greatest depth; a host may announce more, or a circle. */
const MAX_DEPTH = 16;

/**
 * Draws hosts, drives and volumes as lsblk does. A device on several others,
 * such as a RAID, is under each of them.
 */
export function renderTree(
  rows: readonly DiskRow[],
  view: ViewOptions,
  { hasHeading = true, inBytes = false, withHidden = false }: {
    readonly hasHeading?: boolean;
    readonly inBytes?: boolean;
    /** Also devices that lists leave out. */
    readonly withHidden?: boolean;
  } = {},
): string {
  const hasSite = sitesIn(rows).size > 1;
  const lines = byHost(rows).flatMap((ofHost) => {
    const { uniqueHost, site } = ofHost[0]!;
    const name = hostAt(uniqueHost, hasSite ? site : null);
    return [
      { name, row: null, below: null },
      ...linesOf(ofHost, withHidden),
    ];
  });
  const details = DETAILS.map((name) => detail(name, inBytes))
    .filter(({ title, text }) =>
      !COLUMNS_IF_ANY.has(title) ||
      lines.some((line) => text(line, view) !== "")
    );
  const columns = [NAME, ...details];
  const paint = (line: string, { row }: TreeLine) =>
    row === null || row.state === "attached" ? line : grey(line, view);
  return renderTable(lines, { columns, hasHeading, paint, view });
}

function linesOf(rows: readonly DiskRow[], withHidden: boolean): TreeLine[] {
  const shown = withoutLayersBetween(
    rows,
    ({ hidden }) => withHidden || hidden === null || hidden === "parts",
  );
  const layers = new Layers(shown);
  const roots = shown.filter(({ parents }) => parents.length === 0);
  const lines: TreeLine[] = [];
  draw(roots, "", null);
  return lines;

  function draw(
    level: readonly DiskRow[],
    indent: string,
    below: DiskRow | null,
  ): void {
    const sorted = level.toSorted(byDevice);
    sorted.forEach((row, index) => {
      const isLast = index === sorted.length - 1;
      const name = printable(shortDevice(row.device));
      const branch = `${indent}${isLast ? "└─" : "├─"}`;
      lines.push({ name: `${branch}${name}`, row, below });
      if (indent.length / 2 >= MAX_DEPTH) return;
      draw(layers.on(row.device), indent + (isLast ? "  " : "│ "), row);
    });
  }
}

/** The rows that are shown, each with the nearest of them below as its parents. */
function withoutLayersBetween(
  rows: readonly DiskRow[],
  isShown: (row: DiskRow) => boolean,
): DiskRow[] {
  const byDevice = new Map(rows.map((row) => [row.device, row]));
  const parentsOf = ({ parents }: DiskRow) =>
    parents.flatMap((device) => byDevice.get(device) ?? []);
  return rows.filter(isShown).map((row) => {
    const below = parentsOf(row);
    const parents = [
      ...reach(below, (one) => isShown(one) ? [] : parentsOf(one)),
    ]
      .filter(isShown).map(({ device }) => device);
    return { ...row, parents };
  });
}

const NAME: Column<TreeLine> = {
  title: "NAME",
  text: ({ name }) => name,
  yieldsAs: 9,
  minWidth: 12,
  keep: true,
};

const DETAILS = [
  "TYPE",
  "LABEL",
  "SIZE",
  "MOUNTED",
  "MODEL",
  "SERIAL",
  "ALIAS",
  "TAGS",
  "NOTE",
  "STATE",
] as const;

/** A column of the table of disks, empty for a host and where nothing is known. */
function detail(
  title: typeof DETAILS[number],
  inBytes: boolean,
): Column<TreeLine> {
  const found = findColumn(title)!;
  const column = inBytes ? withBytes(found) : found;
  return {
    ...layoutOf(found),
    ...(title !== "STATE" && title !== "LABEL" && { isDear: true }),
    text({ row, below }, view) {
      if (row === null) return "";
      // The drive below has the same model and serial number.
      if (OF_DRIVE.has(title) && row.parents.length > 0) return "";
      const text = column.text(row, view);
      const isSaidBelow = below !== null && COLUMNS_IF_ANY.has(title) &&
        column.text(below, view) === text;
      return text === NO_VALUE || isSaidBelow ? "" : text;
    },
  };
}

const OF_DRIVE: ReadonlySet<string> = new Set(["MODEL", "SERIAL"]);

function layoutOf(
  { title, align, yieldsAs, minWidth, keep, cut }: DiskColumn,
): Omit<Column<TreeLine>, "text"> {
  return {
    title,
    ...(align && { align }),
    ...(yieldsAs && { yieldsAs }),
    ...(minWidth && { minWidth }),
    ...(keep && { keep }),
    ...(cut && { cut }),
  };
}
