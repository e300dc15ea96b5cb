import type { DuplicateRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { findColumn } from "./disk_columns.ts";
import { renderDisks } from "./disks.ts";
import { bold, type ViewOptions } from "./format.ts";
import { cutToWidth } from "./table.ts";

const COLUMNS = ["HOST", "DEVICE", "LABEL", "TYPE", "SIZE", "SERIAL"]
  .map((name) => findColumn(name)!);

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
    const table = renderDisks(row.disks, view, { columns: COLUMNS });
    const { more = 0 } = row;
    return `${bold(cutToWidth(say(row), view.columns), view)}\n${table}${
      more > 0 ? `and ${more} more\n` : ""
    }`;
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
