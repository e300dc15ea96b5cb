import type { ForgetView, ForgottenDisk, HostRow } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { formatAge } from "./age.ts";
import { count } from "./count.ts";
import type { ViewOptions } from "./view_options.ts";

/** `forget`: what was dropped, a line each, and what of it was in the history. */
export function renderForgotten(
  view: ForgetView,
  options: ViewOptions,
): string {
  const things = nameForgotten(view, options)
    .map((thing) => `Forgot ${thing}\n`);
  return things.join("") +
    `The history lost ${count(view.sightings, "sighting")}\n`;
}

/** What is to be forgotten, or was, as people call it: hosts, then disks. */
export function nameForgotten(
  { hosts, disks }: ForgetView,
  options: ViewOptions,
): string[] {
  return [
    ...hosts.map((host) => nameHost(host, options)),
    ...disks.map((disk) => nameDisk(disk, options)),
  ];
}

function nameHost(
  { host, state, disks, heardAt }: HostRow,
  { now }: ViewOptions,
): string {
  return `the host ${printable(host)} with ${count(disks, "disk")}, ` +
    `${state} for ${formatAge(heardAt, now)}`;
}

function nameDisk(
  { label, uuid, device, host, seenAt }: ForgottenDisk,
  { now }: ViewOptions,
): string {
  const disk = printable(label || uuid || device || "?");
  if (host === null || seenAt === null) return disk;
  return `${disk}, last seen on ${printable(host)} ${
    formatAge(seenAt, now)
  } ago`;
}
