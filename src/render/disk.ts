import type { DiskRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { showMounts } from "./disks.ts";
import {
  bold,
  type Detail,
  formatAge,
  formatMinute,
  formatSize,
  grey,
  renderDetails,
  type ViewOptions,
} from "./format.ts";

/** The answer to `where` for a single disk: a sentence, and all details. */
export function renderDisk(row: DiskRow, view: ViewOptions): string {
  const sentence = sayWhere(row, view);
  const heading = row.state === "attached"
    ? bold(sentence, view)
    : grey(sentence, view);
  return `${heading}\n${renderDetails(details(row, view), { indent: "  " })}`;
}

function sayWhere(row: DiskRow, { now }: ViewOptions): string {
  const disk = printable(row.label || row.uuid || row.device);
  const host = printable(row.host);
  const age = formatAge(row.seenAt, now);
  switch (row.state) {
    case "attached":
      return `${disk} is on ${host}`;
    case "stale":
      return `${disk} was on ${host}, which has not been heard for ${age}`;
    case "detached":
      return `${disk} is not attached; it was last seen on ${host}, ${age} ago`;
  }
}

function details(row: DiskRow, view: ViewOptions) {
  const show = (text: string | null) => text === null ? null : printable(text);
  const mounts = showMounts(row).join(", ");
  const holders = row.holders.map(printable).join(", ");
  const model = [row.model, row.tran].filter((text) => text !== null);
  return [
    ["device", printable(row.device)],
    [row.state === "detached" ? "was on" : "mounted", mounts || null],
    ["used by", holders || null],
    ["label", show(row.label)],
    ["uuid", show(row.uuid)],
    ["type", show(row.type)],
    ["size", row.size === null ? null : formatSize(row.size)],
    ["partlabel", show(row.partlabel)],
    ["partuuid", show(row.partuuid)],
    ["uuid_sub", show(row.uuid_sub)],
    ["model", model.map(printable).join(", ") || null],
    ["serial", show(row.serial)],
    ["wwn", show(row.wwn)],
    ["address", show(row.address)],
    ...times(row, view),
  ] as const;
}

/**
 * For a detached disk, when it was there; for others, since when it is there,
 * and when it was last seen.
 */
function times(row: DiskRow, { now }: ViewOptions): Detail[] {
  const tell = (time: string) =>
    `${formatMinute(time)}, ${formatAge(time, now)} ago`;
  const since = row.since === null ? null : tell(row.since);
  return row.state === "detached"
    ? [["from", since], ["until", tell(row.seenAt)]]
    : [["since", since], ["seen", `${formatAge(row.seenAt, now)} ago`]];
}
