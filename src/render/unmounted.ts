import type { UnmountView } from "../mount/views.ts";
import { printable } from "../text/printable.ts";
import type { ViewOptions } from "./view_options.ts";

/** `unmount`: the mount points that are gone, a line each; nothing where there was none. */
export function renderUnmounted(
  { unmounted }: UnmountView,
  _options: ViewOptions,
): string {
  return unmounted
    .map(({ host, path }) => `${printable(host)}:${printable(path)}\n`)
    .join("");
}
