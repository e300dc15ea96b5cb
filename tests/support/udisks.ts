import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { asRoot, type Host } from "./host.ts";
import type { LoopDisk } from "./loop_disk.ts";
import type { Process } from "./process.ts";

/** Where Debian and what derives from it have them. */
export const UDISKSD = "/usr/libexec/udisks2/udisksd";
export const POLKITD = "/usr/lib/polkit-1/polkitd";

const START_TIMEOUT_MS = 30_000;

/** udisks on one host of the LAN in a box, and the D-Bus that it needs; they end with the host. D-Bus starts polkit when somebody asks whether a user may. */
export class Udisks {
  readonly #host: Host;

  private constructor(host: Host) {
    this.#host = host;
  }

  /** Starts it where udev runs. */
  static async start(host: Host): Promise<Udisks> {
    await asRoot(host, "mkdir -p /run/dbus");
    host.spawn(["dbus-daemon", "--system", "--nofork", "--nopidfile"]);
    await eventually(() => Deno.stat(host.path("/run/dbus/system_bus_socket")));
    const daemon = host.spawn([UDISKSD]);
    await daemon.waitForLog(/Acquired the name/, START_TIMEOUT_MS);
    return new Udisks(host);
  }

  /** Waits until it knows what is on a disk that was attached. */
  async knows(disk: LoopDisk): Promise<void> {
    const { device } = disk;
    await showUdevd(this.#host, device);
    await eventually(async () => {
      const info = await asRoot(
        this.#host,
        `udisksctl info --block-device ${device}`,
      );
      assert.match(info, new RegExp(`IdUUID: +${disk.uuid}`));
    });
  }
}

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
