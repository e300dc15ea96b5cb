import assert from "node:assert/strict";
import { asRoot } from "./as_root.ts";
import { eventually } from "./eventually.ts";
import type { Host } from "./host.ts";
import type { LoopDisk } from "./loop_disk.ts";
import { showUdevd } from "./udevd.ts";

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
