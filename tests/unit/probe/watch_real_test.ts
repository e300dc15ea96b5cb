import assert from "node:assert/strict";
import type { DeviceEvent } from "../../../src/probe/parse_udev_monitor.ts";
import { Watch } from "../../../src/probe/watch.ts";
import { denoSystem } from "../../../src/system/deno_system.ts";
import { eventually } from "../../support/eventually.ts";
import { needs } from "../../support/needs.ts";
import { LoopDevices, must } from "./loop_devices.ts";

const MIB = 1024 * 1024;

Deno.test({
  ...needs("Watch tells of real devices and real mounts", {
    root: true,
    programs: [
      "udevadm",
      "findmnt",
      "losetup",
      "mkfs.ext4",
      "mount",
      "umount",
    ],
  }),
  async fn() {
    await using watched = await watchThisMachine();
    const { events, counts } = watched;
    await using loops = new LoopDevices();
    const device = await loops.make(16 * MIB);
    const kname = device.slice("/dev/".length);
    await eventually(() => {
      assert.ok(events.some((event) => event.kname === kname));
    });
    await must("mkfs.ext4", "-q", device);
    const point = await Deno.makeTempDir({ prefix: "diskd mount \u00e9 " });
    for (
      const [program, ...args] of [
        ["mount", device, point],
        ["mount", "-o", "remount,ro", point],
        ["umount", point],
      ] as const
    ) {
      const { mounts } = counts;
      await must(program, ...args);
      await eventually(() => assert.ok(counts.mounts > mounts, program));
    }
    await Deno.remove(point);
  },
});

/** A watch that hears already, and what it has told since. */
async function watchThisMachine() {
  const events: DeviceEvent[] = [];
  const counts = { mounts: 0 };
  const watch = new Watch(denoSystem(), {
    onDevice: (event) => events.push(event),
    onMounts: () => counts.mounts++,
    onState: () => {},
  });
  watch.start();
  await eventually(() => {
    assert.notEqual(watch.devices, "none", watch.problems[0]);
    assert.equal(watch.mounts, "events", watch.problems[0]);
  });
  return { events, counts, [Symbol.asyncDispose]: () => watch.stop() };
}
