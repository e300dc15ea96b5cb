import type { DiskRow } from "../control/views.ts";
import { Layers } from "../inventory/layers.ts";
import { isContainer } from "../inventory/place.ts";
import { printable } from "../text/printable.ts";
import { findColumn, shownType } from "./disk_columns.ts";
import { byDevice, byHost, renderDisks } from "./disks.ts";
import type { ViewOptions } from "./format.ts";
import { sitesIn } from "./sites.ts";
import { cellText, type Column, NO_VALUE } from "./table.ts";

/** Drives and what is on them, from the rows of every device. */

/** A volume on a drive. */
type VolumeView = Pick<
  DiskRow,
  | "device"
  | "label"
  | "uuid"
  | "type"
  | "size"
  | "mounts"
  | "inUse"
  | "alias"
  | "note"
  | "tags"
>;

/** A row of `list --drives`: a drive, and the volumes on it that lists show. */
interface DriveRow extends DiskRow {
  readonly volumes: readonly VolumeView[];
}

/** Reasons why a device is no drive of its own. */
const NO_DRIVE: ReadonlySet<string | null> = new Set([
  "path",
  "ram",
  "image",
  "empty",
  "guest",
  "inner",
  "reserved",
]);

/** The drives among all devices, host by host; `withHidden`: also those of no use. */
export function drivesIn(
  rows: readonly DiskRow[],
  { withHidden = false }: { readonly withHidden?: boolean } = {},
): DriveRow[] {
  return byHost(rows).flatMap((ofHost) => {
    const layers = new Layers(ofHost);
    return ofHost
      .filter((row) => row.kind !== null && isLowest(row, layers))
      .filter(({ hidden }) => withHidden || !NO_DRIVE.has(hidden))
      .toSorted(byDevice)
      .map((row) => ({
        ...row,
        volumes: layers.above(row).filter(({ hidden }) => hidden === null)
          .toSorted(byDevice).map(volumeView),
      }));
  });
}

function isLowest(row: DiskRow, layers: Layers<DiskRow>): boolean {
  return layers.drives(row)[0] === row;
}

function volumeView(row: DiskRow): VolumeView {
  const { device, label, uuid, type, size, mounts, inUse } = row;
  const { alias, note, tags } = row;
  return { device, label, uuid, type, size, mounts, inUse, alias, note, tags };
}

/** On a narrow terminal these are cut, not left out. */
const CUT = { minWidth: 8, keep: true, cut: "middle" } as const;

const PORT: Column<DriveRow> = {
  title: "PORT",
  text: ({ slot, port, tran }) => cellText(slot ?? port ?? tran),
  yieldsAs: 2,
  minWidth: 6,
};

/** The columns; while a drive fails, its health is not left out. */
function columnsFor(rows: readonly DriveRow[]): Column<DriveRow>[] {
  const isFailing = rows.some(({ health }) => health !== null);
  return [
    { ...findColumn("HOST")!, yieldsAs: 7 },
    ...sitesIn(rows).size > 1 ? [findColumn("SITE")!] : [],
    { ...findColumn("DEVICE")!, yieldsAs: 1 },
    { ...findColumn("MODEL")!, ...CUT, yieldsAs: 4 },
    { ...findColumn("SERIAL")!, ...CUT, yieldsAs: 6 },
    findColumn("SIZE")!,
    PORT,
    {
      title: "HEALTH",
      text: showHealth,
      ...(!isFailing && { yieldsAs: 3 }),
    },
    { title: "ON IT", text: showVolumes, ...CUT, yieldsAs: 5 },
    ...SAID.filter(({ text }) => rows.some((row) => text(row) !== NO_VALUE)),
  ];
}

/** What was said of the drive, and of what is on it. */
const SAID = [
  said("ALIAS", ({ alias }) => [alias]),
  said("TAGS", ({ tags }) => tags),
  said("NOTE", ({ note }) => [note]),
];

function said(
  title: string,
  of: (one: VolumeView) => readonly (string | null)[],
) {
  const text = (row: DriveRow) => {
    const known = [row, ...row.volumes].flatMap(of)
      .filter((one) => one !== null);
    return known.length === 0
      ? NO_VALUE
      : [...new Set(known)].map(printable).join(", ");
  };
  const { yieldsAs = 1, minWidth = 6 } = findColumn(title)!;
  return { title, text, yieldsAs, minWidth };
}

function showHealth({ health, state }: DriveRow): string {
  if (health !== null) return "cannot be read";
  return state === "attached" ? NO_VALUE : "unknown";
}

/** The volumes by label, else by type; without those that others of them lie on. */
function showVolumes(row: DriveRow): string {
  const { volumes, label } = row;
  if (volumes.length === 0) return cellText(label ?? shownType(row));
  const top = volumes.filter((volume) => !isOpened(volume));
  const names = (top.length > 0 ? top : volumes)
    .map(({ label, type }) => cellText(label ?? type));
  return names.join(", ");
}

function isOpened(volume: VolumeView): boolean {
  return isContainer(volume) && volume.inUse === true &&
    volume.mounts.length === 0;
}

/** A row a drive; grey if not attached now. */
export function renderDrives(
  rows: readonly DriveRow[],
  view: ViewOptions,
  shape: { readonly hasHeading?: boolean; readonly inBytes?: boolean } = {},
): string {
  return renderDisks(rows, view, { ...shape, columns: columnsFor(rows) });
}
