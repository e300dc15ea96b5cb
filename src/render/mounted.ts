import type { MountView } from "../mount/views.ts";
import { printable } from "../text/printable.ts";
import type { ViewOptions } from "./view_options.ts";

/** `mount`: where the disk can be had, in one line: on this host where that was asked for, else on the one that it hangs on. */
export function renderMounted(view: MountView, _options: ViewOptions): string {
  return `${view.at === null ? placeThere(view) : printable(view.at)}\n`;
}

/** `beta:/run/media/diskd/backup`: where it is mounted on the host that it hangs on. */
export function placeThere({ host, path }: MountView): string {
  return `${printable(host)}:${printable(path)}`;
}

/** `open`: the path on this host alone. */
export function renderOpened(view: MountView, _options: ViewOptions): string {
  return `${printable(view.at ?? view.path)}\n`;
}
