import type { RemarkedDisk, RemarkView } from "../control/remarked.ts";
import { printable } from "../text/printable.ts";
import {
  type Detail,
  formatMoment,
  renderDetails,
  type ViewOptions,
} from "./format.ts";

/** What was said of disks, a paragraph for each. */
export function renderRemarked(
  disks: readonly RemarkedDisk[],
  view: ViewOptions,
): string {
  return disks.map((disk) => renderOne(disk, view)).join("");
}

function renderOne(disk: RemarkedDisk, view: ViewOptions): string {
  const name = printable(nameOf(disk));
  const { alias, note, tags, remarks } = disk;
  if (remarks.length === 0) return `${name} has no note, name or tag\n`;
  const lines = [
    alias === null ? null : `name  ${printable(alias)}`,
    note === null ? null : `note  ${printable(note)}`,
    tags.length === 0 ? null : `tags  ${printable(tags.join(" "))}`,
    `said  ${printable(sayLast(remarks, view))}`,
  ].filter((line) => line !== null);
  return `${name}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function nameOf(
  { label, alias, uuid, partuuid, serial, wwn }: RemarkedDisk,
): string {
  return label || alias || uuid || partuuid || serial || wwn || "the disk";
}

/** Where a disk is that is attached nowhere, as a person noted it: `backup is in drawer 3`. */
export function sayNote(name: string, note: string): string {
  const isPlace = IS_PLACE.test(note);
  return printable(`${name}${isPlace ? " is in" : ":"} ${note}`);
}

/** Notes that complete the sentence "it is in". */
const IS_PLACE =
  /^(?:the |my |our )?(?:bag|box|cabinet|case|closet|cupboard|desk|drawer|garage|office|rack|room|safe|shelf)\b/i;

/** The answer to `where` for disks that no known host has, or had. */
export function renderNoted(
  disks: readonly RemarkedDisk[],
  view: ViewOptions,
): string {
  return disks.map((disk) => {
    const { note, remarks } = disk;
    const name = nameOf(disk);
    const said = note === null
      ? `${printable(name)} was on no host that is known here`
      : `${sayNote(name, note)}; last seen on no host that is known here`;
    const lines: Detail[] = [
      ["alias", disk.alias === name ? null : listed([disk.alias])],
      ["tags", listed(disk.tags)],
      ["said", sayLast(remarks, view)],
      ["uuid", listed([disk.uuid])],
      ["serial", listed([disk.serial])],
      ["wwn", listed([disk.wwn])],
    ];
    return `${said}\n${renderDetails(lines, { indent: "  " })}`;
  }).join("");
}

function listed(texts: readonly (string | null)[]): string | null {
  const known = texts.filter((text) => text !== null);
  return known.length === 0 ? null : printable(known.join(" "));
}

/** Who said the last thing, and when. */
export function sayLast(
  remarks: readonly RemarkView[],
  view: ViewOptions,
): string {
  const last = remarks.reduce((a, b) => a.at > b.at ? a : b);
  return `${formatMoment(last.at, view)} on ${last.host}`;
}
