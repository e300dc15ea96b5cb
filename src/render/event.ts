import type { EventRow, FieldChange } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  count,
  formatSize,
  formatStamp,
  type ViewOptions,
  zonesOf,
} from "./format.ts";
import { hostAt } from "./sites.ts";

/** What people call an event; the others have their own names. */
const WORDS: Readonly<Record<string, string>> = {
  detached: "unplugged",
  failing: "cannot be read",
  recovered: "is read again",
  "host-up": "up",
  "host-stale": "silent",
  "host-gone": "shut down",
  "left-out": "left out",
};

/** The longest word for an event. */
const EVENT_WIDTH = "cannot be read".length;

/** Most changes named in a line. */
const MAX_CHANGES = 3;

/** A line of `watch`: time, event, host, disk, and what is different. */
export function renderEvent(
  row: EventRow,
  { zone }: Pick<ViewOptions, "zone">,
): string {
  const disk = row.label || row.uuid || row.serial;
  const view = { zone, now: Date.parse(row.at) };
  const time = formatStamp(row.at, { view, seconds: true });
  const words = [
    zonesOf([row.at], view) === "UTC" ? `${time}Z` : time,
    printable(WORDS[row.event] ?? row.event).padEnd(EVENT_WIDTH),
    hostAt(row.uniqueHost, isBetweenSites(row) ? row.site : null),
    row.device === null ? "" : printable(row.device),
    disk ? printable(disk) : "",
    showPlace(row),
    showChanges(row.changes),
    showRemark(row.remark),
    row.leftOut > 0 ? `${count(row.leftOut, "event")}: diskd list` : "",
  ];
  return `${words.filter((word) => word !== "").join("  ")}\n`;
}

function showPlace(row: EventRow): string {
  const { event, mount, uniqueFrom, fromSite, fromDevice } = row;
  if (fromDevice !== null) return `was ${printable(fromDevice)}`;
  if (uniqueFrom !== null) {
    return `from ${hostAt(uniqueFrom, isBetweenSites(row) ? fromSite : null)}`;
  }
  if (mount === null) return "";
  const to = event === "mounted" ? "on" : "from";
  return `${to} ${printable(mount)}`;
}

function isBetweenSites({ uniqueFrom, site, fromSite }: EventRow): boolean {
  return uniqueFrom !== null && site !== fromSite;
}

/** `note: drawer 3`, `tag offsite`, `tag old removed`. */
function showRemark(remark: EventRow["remark"]): string {
  if (remark === null) return "";
  const { field, value } = remark;
  const [kind, tag] = field.split(":", 2);
  if (tag !== undefined) {
    return printable(`${kind} ${tag}${value === null ? " removed" : ""}`);
  }
  return printable(value === null ? `no ${field} now` : `${field}: ${value}`);
}

function showChanges(changes: readonly FieldChange[]): string {
  const shown = changes.slice(0, MAX_CHANGES).map(({ field, from, to }) =>
    `${printable(field)}: ${showValue(field, from)} -> ${showValue(field, to)}`
  );
  const more = changes.length - MAX_CHANGES;
  return [...shown, ...more > 0 ? [`${more} more`] : []].join(", ");
}

function showValue(field: string, value: FieldChange["from"]): string {
  if (value === null || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    return field === "size" ? formatSize(value) : `${value}`;
  }
  if (typeof value === "string") return printable(value);
  return value.length === 0 ? "none" : value.map(printable).join("+");
}
