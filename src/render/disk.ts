import type { DiskRow, DriveView } from "../control/views.ts";
import { isBlank, isContainer } from "../inventory/place.ts";
import { printable } from "../text/printable.ts";
import { isTypable, typed } from "../text/shell_quoted.ts";
import { showMounts } from "./disk_columns.ts";
import { sayLast, sayNote } from "./remarks.ts";
import { hostAt, otherSite, type SitesAround } from "./sites.ts";
import {
  bold,
  type Detail,
  durationSince,
  formatMoment,
  formatSize,
  grey,
  renderDetails,
  sayDuration,
  sayShutDown,
  type ViewOptions,
} from "./format.ts";

/** The answer to `where` for a single disk: a sentence, and all details. */
export function renderDisk(
  row: DiskRow,
  { view, contents = [], around = {} }: {
    readonly view: ViewOptions;
    /** What lies on it. */
    readonly contents?: readonly DiskRow[];
    readonly around?: SitesAround;
  },
): string {
  const host = hostAt(row.uniqueHost, otherSite(row, around));
  const sentence = sayNoted(row, { view, host }) ??
    sayWhere(row, { view, host });
  const heading = row.state === "attached"
    ? bold(sentence, view)
    : grey(sentence, view);
  const lines = details(row, { view, contents, around });
  return `${heading}\n${renderDetails(lines, { indent: "  " })}`;
}

/** Whether a person knows best where it is. */
function isInDrawer({ note, unplugged }: DiskRow): boolean {
  return unplugged && note !== null;
}

interface WhereSaid {
  readonly view: ViewOptions;
  /** The host, as it is called. */
  readonly host: string;
}

function sayNoted(row: DiskRow, { view, host }: WhereSaid): string | null {
  const { note, seenAt } = row;
  if (!isInDrawer(row)) return null;
  return `${sayNote(nameOf(row), note!)}; last seen on ` +
    `${host}, ${durationSince(seenAt, view.now)} ago`;
}

function sayWhere(row: DiskRow, { view, host }: WhereSaid): string {
  const disk = printable(nameOf(row));
  const device = printable(row.device);
  const place = disk === device ? host : `${host}, ${device}`;
  const health = row.health === null ? "" : "; it cannot be read";
  switch (row.state) {
    case "attached":
      return `${disk} is on ${place}, ${sayUse(row)}${health}`;
    case "stale":
      return `${disk} was in ${host}, silent for ` +
        `${durationSince(row.seenAt, view.now)} (crash or network)${health}`;
    case "detached": {
      const at = formatMoment(row.seenAt, view);
      return row.unplugged
        ? `${disk} is unplugged; until ${at} it was in ${place}${health}`
        : `${disk} is in ${host}, which ${sayShutDown(at)}${health}`;
    }
  }
}

function nameOf(row: DiskRow): string {
  return row.label || row.alias || row.uuid || row.partlabel || row.serial ||
    row.device;
}

/** Whether it is mounted, and where. */
function sayUse(row: DiskRow): string {
  const [first, ...others] = row.mounts;
  if (first !== undefined) {
    if (first === "[SWAP]") return "in use as swap";
    const more = others.length + (row.binds ?? 0);
    const readOnly = row.mounts_ro.includes(first) ? " (read-only)" : "";
    return `mounted on ${printable(first)}${readOnly}` +
      (more === 0 ? "" : ` +${more}`);
  }
  if (row.hidden === "guest") return "in use by a guest";
  if (isBlank(row)) return "blank";
  if (row.inUse) return "in use";
  return isMember(row) || row.hidden === "parts" ? "not in use" : "not mounted";
}

/** A part of something larger, which is mounted in its place. */
function isMember(row: DiskRow): boolean {
  return row.holders.length > 0 || isContainer(row);
}

function details(
  row: DiskRow,
  { view, contents, around }: {
    readonly view: ViewOptions;
    readonly contents: readonly DiskRow[];
    readonly around: SitesAround;
  },
): Detail[] {
  const uuids = [row.uuid, row.uuid_sub && `member ${row.uuid_sub}`];
  return [
    [
      "device",
      row.state === "stale" || !row.unplugged && row.state === "detached"
        ? printable(row.device)
        : null,
    ],
    [row.type === null ? "size" : "type", typeAndSize(row)],
    ["ambivalent", listed(row.types)],
    ["mounted", row.mounts.length + (row.binds ?? 0) > 1 ? mounts(row) : null],
    ["mount", row.state === "attached" ? null : lastMounts(row)],
    ["part of", wholes(row)],
    ...contents.map((other): Detail => ["holds", sayContent(other)]),
    ["alias", row.alias === nameOf(row) ? null : listed([row.alias])],
    ["note", isInDrawer(row) ? null : listed([row.note])],
    ["tags", listed([...row.tags])],
    ["said", row.remarks.length === 0 ? null : sayLast(row.remarks, view)],
    ["uuid", listed(uuids)],
    ["partition", listed([row.partlabel, row.partuuid])],
    ...row.drives.map((drive): Detail => ["drive", sayDrive(drive, row)]),
    ...row.drives.map((drive): Detail => ["port", sayPort(drive)]),
    ...times(row, { view, around }),
    ["files", filesOf(row)],
  ];
}

/** Those that are known, with commas. */
function listed(texts: readonly (string | null)[]): string | null {
  const known = texts.filter((text) => text !== null && text !== "");
  return known.length === 0 ? null : printable(known.join(", "));
}

function typeAndSize({ type, size }: DiskRow): string | null {
  return listed([type, size === null ? null : formatSize(size)]);
}

function mounts(row: DiskRow): string | null {
  const more = row.binds ? [`and ${row.binds} more`] : [];
  return [...showMounts(row), ...more].join(", ");
}

/** Where it was mounted, and whether it still was when it left. */
function lastMounts(row: DiskRow): string | null {
  if (row.mounts.length === 0) return null;
  const shown = mounts(row)!;
  if (row.inUse === null || !row.unplugged) return `last on ${shown}`;
  return row.inUse
    ? `on ${shown}, and still mounted when it left`
    : `last on ${shown}, and unmounted before it left`;
}

/** The groups and devices that it is a member of. */
function wholes(row: DiskRow): string | null {
  const names = [
    row.vg === null ? null : `volume group ${row.vg}`,
    row.type === "zfs_member" && row.label !== null
      ? `pool ${row.label}`
      : null,
    ...row.holders,
  ];
  const known = listed(names);
  if (known === null || row.inUse === null) return known;
  return `${known}; ${row.inUse ? "in use" : "not in use"}`;
}

function sayContent(row: DiskRow): string {
  const words = [row.device, row.label || row.uuid, row.type];
  const size = row.size === null ? null : formatSize(row.size);
  return listed([...words, size, sayUse(row)])!;
}

/** A drive below a disk; the disk's own device is not repeated. */
export function sayDrive(
  drive: DriveView,
  row?: Pick<DiskRow, "device">,
): string | null {
  const { device, model, tran, serial, wwn, size, health } = drive;
  const isItself = device === row?.device;
  return listed([
    isItself ? null : device,
    model,
    tran,
    serial && `serial ${serial}`,
    wwn && `wwn ${wwn}`,
    isItself || size === null ? null : formatSize(size),
    isItself || health === null ? null : "cannot be read",
  ]);
}

/** The name of its port, if it has one, and the port. */
export function sayPort({ slot, port }: DriveView): string | null {
  return slot !== null && port !== null
    ? printable(`${slot} (${port})`)
    : listed([slot ?? port]);
}

/** Since when it is there, and how sure that is. */
function times(
  row: DiskRow,
  { view, around }: {
    readonly view: ViewOptions;
    readonly around: SitesAround;
  },
): Detail[] {
  const { since } = row;
  const heard = `heard ${durationSince(row.seenAt, view.now)} ago`;
  const host = listed([
    ...sayAddress(row, around),
    row.state === "detached" ? null : heard,
  ]);
  if (since === null) return [["host", host]];
  const lasted = row.state === "attached"
    ? view.now - Date.parse(since)
    : Date.parse(row.seenAt) - Date.parse(since);
  const from = `${formatMoment(since, view)} (${sayDuration(lasted)})`;
  return [[row.state === "attached" ? "since" : "from", from], ["host", host]];
}

/** The address of its host; at another site it leads nowhere from here. */
function sayAddress(
  row: DiskRow,
  around: SitesAround,
): (string | null)[] {
  const { address } = row;
  const site = otherSite(row, around);
  if (address === null || site === null) return [address];
  const relay = around.relays?.find((one) => one.site === site);
  return [
    `${address} at ${site}`,
    relay === undefined || relay.hostId === row.hostId
      ? null
      : `through relay ${relay.uniqueHost}`,
  ];
}

/** The command that shows its files. */
function filesOf(row: DiskRow): string | null {
  const { state, type, types, hidden, label, uuid, health } = row;
  const name = [label, uuid].find((one) => one !== null && isTypable(one));
  const hasFiles = state === "attached" && type !== null && type !== "swap" &&
    types.length === 0 && hidden === null && health === null && !isMember(row);
  return hasFiles && name ? typed(["diskd", "open", name]) : null;
}
