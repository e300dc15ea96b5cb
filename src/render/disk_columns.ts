/**
 * The columns that a table of disks may have, with lsblk's words for them: a
 * column is an entry here.
 */
import type { DiskRow } from "../control/views.ts";
import { kernelName } from "../inventory/disk.ts";
import { isBlank } from "../inventory/place.ts";
import { printable } from "../text/printable.ts";
import { formatAge, formatSize, type ViewOptions } from "./format.ts";
import { cellText, type Column, NO_VALUE } from "./table.ts";

/** A column of a table of disks. */
export interface DiskColumn extends Column<DiskRow> {
  readonly brief: string;
  /** Other names, such as lsblk's. */
  readonly aliases?: readonly string[];
  /** What rows are sorted by; `null` comes last. */
  readonly sortBy: (row: DiskRow) => string | number | null;
}

/** A column of a text. */
function text(
  title: string,
  brief: string,
  value: (row: DiskRow) => string | null,
): DiskColumn {
  return {
    title,
    brief,
    text: (row) => cellText(value(row)),
    sortBy: value,
    yieldsAs: LAST_TO_YIELD,
    minWidth: Math.max(title.length, 6),
  };
}

/** Columns that were asked for by name leave after all others. */
const LAST_TO_YIELD = 9;

function flag(
  title: string,
  brief: string,
  value: (row: DiskRow) => boolean | null,
): DiskColumn {
  return text(title, brief, (row) => {
    const known = value(row);
    return known === null ? null : known ? "yes" : "no";
  });
}

function time(
  title: string,
  brief: string,
  value: (row: DiskRow) => string | null,
): DiskColumn {
  return {
    ...text(title, brief, value),
    text(row, { now }) {
      const at = value(row);
      return at === null ? NO_VALUE : `${formatAge(at, now)} ago`;
    },
  };
}

/** Around what tells: `raid` of `linux_raid_member`, `LUKS` of `crypto_LUKS`. */
const OF_MEMBERS = /linux_(?=raid)|crypto_|_member/g;

/** `sdb1` of `/dev/sdb1`, `vg0-root` of `/dev/mapper/vg0-root`. */
export function shortDevice(path: string): string {
  return path.replace(/^\/dev\/(?:mapper\/)?/, "");
}

/** The columns of `list` and `where`, in this order. */
export const DEFAULT_COLUMNS = [
  "HOST",
  "SITE",
  "DEVICE",
  "LABEL",
  "ALIAS",
  "UUID",
  "TYPE",
  "SIZE",
  "MOUNTED",
  "TAGS",
  "NOTE",
  "STATE",
] as const;

/** Of these, those that are shown only if they say something of a row; `SITE`, if rows differ in it. */
export const COLUMNS_IF_ANY: ReadonlySet<string> = new Set([
  "SITE",
  "ALIAS",
  "TAGS",
  "NOTE",
]);

export const ALL_COLUMNS: readonly DiskColumn[] = [
  {
    ...text("HOST", "Name of the host", ({ uniqueHost }) => uniqueHost),
    yieldsAs: 6,
    weight: 4,
    keep: true,
    cut: "middle",
  },
  {
    ...text("SITE", "Site of the host", ({ site }) => site ?? null),
    yieldsAs: 5,
    minWidth: 4,
  },
  {
    ...text("DEVICE", "Path of the device", ({ device }) => device),
    aliases: ["NAME", "PATH"],
    yieldsAs: 2,
    weight: 2,
    keep: true,
    shortText: ({ device }) => printable(shortDevice(device)),
    cut: "middle",
  },
  {
    ...text("LABEL", "Label, or name of a partition without one", shownLabel),
    yieldsAs: 8,
    minWidth: 10,
    weight: 8,
    keep: true,
    cut: "middle",
  },
  {
    ...text("ALIAS", "Name that somebody gave it", ({ alias }) => alias),
    yieldsAs: 5,
    minWidth: 8,
  },
  {
    title: "UUID",
    brief: "UUID of the filesystem or container",
    text: ({ uuid }) => cellText(uuid),
    sortBy: ({ uuid }) => uuid,
    yieldsAs: 1,
  },
  {
    ...text("TYPE", "Type of the filesystem or container", shownType),
    aliases: ["FSTYPE"],
    yieldsAs: 4,
    isDear: true,
    shortText: (row) => cellText(shownType(row)).replace(OF_MEMBERS, ""),
  },
  {
    title: "SIZE",
    brief: "Size",
    align: "right",
    text: ({ size }) => size === null ? NO_VALUE : formatSize(size),
    sortBy: ({ size }) => size,
    yieldsAs: 7,
    isDear: true,
  },
  {
    ...text("MOUNTED", "Mount points, or what it belongs to", () => null),
    text: (row) => showUse(row),
    aliases: ["MOUNTPOINT", "MOUNTPOINTS"],
    sortBy: ({ mounts }) => mounts[0] ?? null,
    yieldsAs: 3,
    minWidth: 10,
    shortText: (row) => showUse(row, shortDevice),
    keep: true,
    cut: "middle",
  },
  {
    ...text("TAGS", "Its tags", ({ tags }) => tags.join(" ") || null),
    yieldsAs: 3,
    minWidth: 6,
  },
  {
    ...text("NOTE", "What somebody noted on it", ({ note }) => note),
    yieldsAs: 5,
    minWidth: 10,
  },
  {
    title: "STATE",
    brief: "Whether it is there and can be read; empty if all is well",
    text: showState,
    sortBy: ({ state, health }) => `${state} ${health}`,
  },
  text("KNAME", "Kernel name", kernelName),
  text("KIND", "Kind of device: lsblk's TYPE", ({ kind }) => kind),
  text("PARTUUID", "UUID of the partition", ({ partuuid }) => partuuid),
  text("PARTLABEL", "Name of the partition", ({ partlabel }) => partlabel),
  text("UUID_SUB", "UUID of the member", ({ uuid_sub }) => uuid_sub),
  text("VG", "Volume group", ({ vg }) => vg),
  text("MODEL", "Model of the drive", ({ model }) => model),
  text("SERIAL", "Serial number of the drive", ({ serial }) => serial),
  text("WWN", "World Wide Name of the drive", ({ wwn }) => wwn),
  text("TRAN", "Transport: sata, usb, nvme", ({ tran }) => tran),
  text("PORT", "Port of the drive: udev's ID_PATH", ({ port }) => port),
  text("SLOT", "Name of that port, from the configuration", ({ slot }) => slot),
  text("HEALTH", "unreadable if its reads fail", ({ health }) => health),
  {
    ...text(
      "PARENTS",
      "Devices below",
      ({ parents }) => parents.join(",") || null,
    ),
    aliases: ["PKNAME"],
  },
  text("HOLDERS", "Devices on top", ({ holders }) => holders.join(",") || null),
  flag(
    "INUSE",
    "Whether it, or something on it, is in use",
    ({ inUse }) => inUse,
  ),
  {
    ...text(
      "BINDS",
      "Number of further mount points",
      ({ binds }) => `${binds ?? 0}`,
    ),
    align: "right",
    sortBy: ({ binds }) => binds,
  },
  flag("RM", "Whether it is removable", ({ rm }) => rm),
  flag("RO", "Whether it is read-only", ({ ro }) => ro),
  text("HIDDEN", "Why lists leave it out", ({ hidden }) => hidden),
  time("SINCE", "Since when it is there", ({ since }) => since),
  {
    ...time("SEEN", "When its host last confirmed it", ({ seenAt }) => seenAt),
    aliases: ["AGE"],
  },
  text("ADDRESS", "Address of the host", ({ address }) => address),
  text("HOSTID", "Id of the host", ({ hostId }) => hostId),
];

/** The column with this name or alias, in any case. */
export function findColumn(name: string): DiskColumn | undefined {
  const wanted = name.toUpperCase();
  return ALL_COLUMNS.find(({ title, aliases = [] }) =>
    title === wanted || aliases.includes(wanted)
  );
}

function shownLabel({ label, type, partlabel }: DiskRow): string | null {
  return label ?? (type === null ? partlabel : null);
}

/** Every type of an ambivalent device; `blank` for a blank one. */
export function shownType(row: DiskRow): string | null {
  if (row.types.length > 1) return row.types.join(",");
  return isBlank(row) ? "blank" : row.type;
}

/** Further ones are counted. */
const MAX_SHOWN = 2;

/** Its mount points; for an unmounted member, the device it belongs to. */
function showUse(
  row: DiskRow,
  devicePath: (path: string) => string = String,
): string {
  const { type, mounts, holders, vg, binds, hidden, inUse, state } = row;
  // Its last mount points, and it was unmounted before it left.
  if (state === "detached" && inUse === false) return NO_VALUE;
  if (mounts.length > 0) return listed(showMounts(row), binds ?? 0);
  // Its volumes may be many, and some of them LVM's own.
  if (type === "LVM2_member" && vg !== null) return `-> ${printable(vg)}`;
  if (holders.length > 0) {
    const paths = holders.map((path) => printable(devicePath(path)));
    return `-> ${listed(paths, 0)}`;
  }
  if (hidden === "parts") return NO_VALUE;
  if (hidden === "guest") return "guest";
  return inUse ? "in use" : NO_VALUE;
}

function listed(texts: readonly string[], others: number): string {
  const shown = texts.slice(0, MAX_SHOWN);
  const more = texts.length - shown.length + others;
  return shown.join(",") + (more > 0 ? ` +${more}` : "");
}

type Mounted = Pick<DiskRow, "mounts" | "mounts_ro">;

/** The mount points, marked if read-only: `/mnt/b (ro)`. */
export function showMounts({ mounts, mounts_ro }: Mounted): string[] {
  return mounts.map((mount) =>
    mounts_ro.includes(mount) ? `${printable(mount)} (ro)` : printable(mount)
  );
}

/** On a terminal, empty if it is attached and well. */
function showState(row: DiskRow, { now, columns }: ViewOptions): string {
  switch (row.state) {
    case "attached":
      if (row.health !== null) return "cannot be read";
      return columns === Infinity ? NO_VALUE : "";
    case "stale":
      return `silent ${formatAge(row.seenAt, now)}`;
    case "detached":
      return `${row.unplugged ? "unplugged" : "shut down"} ${
        formatAge(row.seenAt, now)
      }`;
  }
}
