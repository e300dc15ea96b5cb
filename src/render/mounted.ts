import type { MountView, UnmountView } from "../mount/views.ts";
import { printable } from "../text/printable.ts";
import type { ViewOptions } from "./format.ts";

/**
 * `mount`: a line with the directory on this host if requested, otherwise the
 * mount point on the host of the disk.
 */
export function renderMounted(view: MountView, _options: ViewOptions): string {
  return `${view.at === null ? placeThere(view) : printable(view.at)}\n`;
}

/** Mount point on the host of the disk: `beta:/run/media/diskd/backup`. */
export function placeThere({ host, path }: MountView): string {
  return `${printable(host)}:${printable(path)}`;
}

/** `open`: only the path on this host. */
export function renderOpened(view: MountView, _options: ViewOptions): string {
  return `${printable(view.at ?? view.path)}\n`;
}

/**
 * `unmount`: the removed mount points, a line each; empty if there were none.
 */
export function renderUnmounted(
  { unmounted }: UnmountView,
  _options: ViewOptions,
): string {
  return unmounted
    .map(({ host, path }) => `${printable(host)}:${printable(path)}\n`)
    .join("");
}
