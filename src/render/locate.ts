import type { LocateView } from "../mount/views.ts";
import { printable } from "../text/printable.ts";
import { sayDrive, sayPort } from "./disk.ts";
import {
  bold,
  count,
  type Detail,
  renderDetails,
  type ViewOptions,
} from "./format.ts";

/** `locate`: the drives that blink, and where they are. */
export function renderLocate(view: LocateView, options: ViewOptions): string {
  const { host, device, uuid, label, drives } = view;
  const name = printable(label || uuid || device);
  const on = drives.length === 1 ? "" : `, on ${count(drives.length, "drive")}`;
  const details = drives.flatMap((drive): Detail[] => [
    ["drive", sayDrive(drive)],
    ["port", sayPort(drive)],
  ]);
  return `${bold(`${name} is on ${printable(host)}${on}`, options)}\n` +
    renderDetails(details, { indent: "  " });
}
