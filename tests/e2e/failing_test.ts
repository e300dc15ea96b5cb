import assert from "node:assert/strict";
import type { DiskRow } from "../../src/control/views.ts";
import { checkCommands } from "../support/check_outcome.ts";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { HotDisk } from "../support/hot_disk.ts";
import { lanTest } from "../support/lan.ts";
import { hasWatchers } from "../support/plug.ts";

lanTest({
  name: "a disk whose reads fail is there, and every host says that it fails",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }, t) => {
  await using disk = await HotDisk.create({ type: "ext4", label: "dying" });
  await disk.plugInto(alpha);
  await using daemon = await Daemon.start(alpha);
  await using there = await Daemon.start(beta);
  await using watch = beta.spawn(["diskd", "watch", "--json"]);
  await hasWatchers(there, 1);
  const { uuid, device } = disk;
  await finds(there, "dying", { state: "attached", health: null, uuid });

  await t.step("it fails", async () => {
    await disk.fail();
    await daemon.call("refresh", {});
    const failing = {
      state: "attached",
      health: "unreadable",
      uuid,
      device,
    } as const;
    await finds(daemon, "dying", failing);
    await finds(there, "dying", failing);
    await watch.waitForLog(/"event":"failing".*"label":"dying".*\n/);
    for (const host of [alpha, beta]) {
      await checkCommands(host, [
        ["where dying", { stdout: /^dying is on alpha, .*cannot be read/ }],
        ["list", { stdout: /^alpha .* dying .* cannot be read$/m }],
        ["history dying", { stdout: / - now .* alpha /m }],
      ]);
    }
    for (const [host, shown] of [[alpha, ""], [beta, "alpha: "]] as const) {
      await checkCommands(host, [["status", {
        code: 8,
        stdout: new RegExp(`^! ${shown}${device} .*cannot be read`, "m"),
      }]]);
    }
  });
  await t.step("it can be read again", async () => {
    await disk.recover();
    await daemon.call("refresh", {});
    await finds(there, "dying", { state: "attached", health: null, uuid });
    await watch.waitForLog(/"event":"recovered".*"label":"dying".*\n/);
    await checkCommands(alpha, [["status", { stdout: /^alpha: ok/ }]]);
  });
  await t.step("what fails from the start is there", async () => {
    await disk.pull();
    await daemon.call("refresh", {});
    await disk.plugInto(alpha);
    await disk.fail();
    await using fresh = await HotDisk.create({ type: "raw" });
    await fresh.plugInto(alpha);
    await fresh.fail();
    await daemon.call("refresh", {});
    await finds(there, fresh.device, {
      state: "attached",
      health: "unreadable",
      uuid: null,
      size: 16 * 1024 * 1024,
    });
  });
});

/** Waits until `where` has one row that is like that. */
async function finds(
  daemon: Daemon,
  name: string,
  expected: Partial<DiskRow>,
): Promise<void> {
  await eventually(async () => {
    const rows = await daemon.call("where", { name });
    assert.equal(rows.length, 1);
    assert.partialDeepStrictEqual(rows[0], expected);
  });
}
