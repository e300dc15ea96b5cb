import type { MountView, UnmountView } from "../mount/views.ts";
import { printable } from "../text/printable.ts";
import type { ViewOptions } from "./format.ts";

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

/** `unmount`: the mount points that are gone, a line each; nothing where there was none. */
export function renderUnmounted(
  { unmounted }: UnmountView,
  _options: ViewOptions,
): string {
  return unmounted
    .map(({ host, path }) => `${printable(host)}:${printable(path)}\n`)
    .join("");
}
