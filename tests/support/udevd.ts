import { asRoot } from "./as_root.ts";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";

/** Where Debian and what derives from it have it. */
export const UDEVD = "/lib/systemd/systemd-udevd";

/** udev on one host of the LAN in a box: it looks at each device that changes, and gives an event for what is written. */
export async function startUdevd(host: Host): Promise<Process> {
  const udevd = host.spawn([UDEVD]);
  await eventually(() => Deno.statSync(host.path("/run/udev/control")));
  return udevd;
}

/** Has it look at a device that was attached: nobody told it that the node is new. */
export async function showUdevd(host: Host, device: string): Promise<void> {
  const trigger = "udevadm trigger --settle --action=change --name-match";
  await asRoot(host, `${trigger}=${device}`);
}
