import type { DiskRow, DuplicateRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { formatSize, type ViewOptions } from "./format.ts";
import { cellText, type Column, NO_VALUE, renderTable } from "./table.ts";

/** A device that shares an identifier with others. */
interface DuplicateLine {
  readonly duplicate: DuplicateRow;
  readonly disk: DiskRow;
}

const COLUMNS: readonly Column<DuplicateLine>[] = [
  {
    title: "WHAT",
    text: ({ duplicate }) => KINDS[duplicate.kind],
    yieldsAs: 5,
    keep: true,
  },
  {
    title: "VALUE",
    text: ({ duplicate }) => printable(duplicate.value),
    yieldsAs: 3,
    minWidth: 9,
    keep: true,
  },
  {
    title: "HOST",
    text: ({ disk }) => printable(disk.host),
    yieldsAs: 6,
    minWidth: 8,
    keep: true,
  },
  {
    title: "DEVICE",
    text: ({ disk }) => printable(disk.device),
    yieldsAs: 7,
    minWidth: 9,
    keep: true,
  },
  {
    title: "LABEL",
    text: ({ disk }) => cellText(disk.label),
    yieldsAs: 4,
    minWidth: 8,
  },
  {
    title: "TYPE",
    text: ({ disk }) => cellText(disk.type),
    yieldsAs: 1,
    minWidth: 5,
  },
  {
    title: "SIZE",
    text: ({ disk }) => disk.size === null ? NO_VALUE : formatSize(disk.size),
    align: "right",
    yieldsAs: 2,
  },
];

/** Spelled as by blkid and lsblk. */
const KINDS: Readonly<Record<DuplicateRow["kind"], string>> = {
  uuid: "UUID",
  uuid_sub: "UUID_SUB",
  partuuid: "PARTUUID",
  wwn: "WWN",
  serial: "SERIAL",
  label: "LABEL",
};

/** Rows of `duplicates`: a line for each device, grouped by identifier; empty if there are none. */
export function renderDuplicates(
  rows: readonly DuplicateRow[],
  view: ViewOptions,
): string {
  const lines = rows.flatMap((duplicate) =>
    duplicate.disks.map((disk) => ({ duplicate, disk }))
  );
  return renderTable(lines, { columns: COLUMNS, view });
}

/** Printed if there are none. */
export const NO_DUPLICATES =
  "No two devices share a UUID, label or other identifier.";
