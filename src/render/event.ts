import type { EventRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";

/** The longest name of an event. */
const EVENT_WIDTH = "host-stale".length;

/** A line of `watch`: time, event, host, disk, and the other host or mount point. */
export function renderEvent(row: EventRow): string {
  const disk = row.label || row.uuid;
  const words = [
    printable(row.at),
    printable(row.event).padEnd(EVENT_WIDTH),
    printable(row.host),
    row.device === null ? "" : printable(row.device),
    disk ? printable(disk) : "",
    showPlace(row),
  ];
  return `${words.filter((word) => word !== "").join("  ")}\n`;
}

function showPlace({ event, mount, from, fromDevice }: EventRow): string {
  if (fromDevice !== null) return `was ${printable(fromDevice)}`;
  if (from !== null) return `from ${printable(from)}`;
  if (mount === null) return "";
  const to = event === "mounted" ? "on" : "from";
  return `${to} ${printable(mount)}`;
}
