import type { DiskRow, DuplicateRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { bold, formatSize, type ViewOptions } from "./format.ts";
import {
  cellText,
  type Column,
  cutToWidth,
  NO_VALUE,
  renderTable,
} from "./table.ts";

const COLUMNS: readonly Column<DiskRow>[] = [
  {
    title: "HOST",
    text: ({ host }) => printable(host),
    yieldsAs: 6,
    minWidth: 8,
    keep: true,
  },
  {
    title: "DEVICE",
    text: ({ device }) => printable(device),
    yieldsAs: 7,
    minWidth: 9,
    keep: true,
  },
  {
    title: "LABEL",
    text: ({ label }) => cellText(label),
    yieldsAs: 5,
    minWidth: 8,
  },
  {
    title: "TYPE",
    text: ({ type }) => cellText(type),
    yieldsAs: 1,
    minWidth: 5,
  },
  {
    title: "SIZE",
    text: ({ size }) => size === null ? NO_VALUE : formatSize(size),
    align: "right",
    yieldsAs: 2,
  },
  {
    title: "SERIAL",
    text: ({ serial }) => cellText(serial),
    yieldsAs: 3,
    minWidth: 8,
  },
];

/** Spelled as by blkid and lsblk. */
const KINDS: Readonly<Record<DuplicateRow["kind"], string>> = {
  uuid: "UUID",
  uuid_sub: "UUID_SUB",
  partuuid: "PARTUUID",
  wwn: "WWN",
  serial: "serial number",
  label: "label",
};

/** Rows of `duplicates`: for each a sentence and a table of its devices; empty if there are none. */
export function renderDuplicates(
  rows: readonly DuplicateRow[],
  view: ViewOptions,
): string {
  return rows.map((row) => {
    const table = renderTable(row.disks, { columns: COLUMNS, view });
    return `${bold(cutToWidth(say(row), view.columns), view)}\n${table}`;
  }).join("\n");
}

function say(row: DuplicateRow): string {
  const { reason, disks } = row;
  const hosts = new Set(disks.map(({ hostId }) => hostId)).size;
  const what = `${KINDS[row.kind]} ${printable(row.value)}`;
  switch (reason) {
    case "clone":
      return `A clone on ${drivesOf(row)} drives: ${what}`;
    case "image":
      return `One image on ${drivesOf(row)} drives: ${what}, and others`;
    case "copy":
      return `${disks.length} copies on one drive: ${what}`;
    case "shared":
      return `One drive that ${hosts} hosts see: ${what}`;
    case "clone-or-shared":
      return `${disks.length} copies, or one drive seen ${disks.length} times: ${what}`;
    case "namesakes":
      return `${disks.length} different disks of one name: ${what}`;
  }
}

function drivesOf({ disks }: DuplicateRow): number {
  return new Set(
    disks.flatMap(({ hostId, device, drives }) =>
      drives.length === 0
        ? `${hostId} ${device}`
        : drives.map((drive) => `${hostId} ${drive.device}`)
    ),
  ).size;
}

/** Printed if there are none. */
export const NO_DUPLICATES =
  "No two devices share a UUID, label or other identifier.";
