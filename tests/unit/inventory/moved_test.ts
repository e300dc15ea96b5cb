import assert from "node:assert/strict";
import type { Change } from "../../../src/inventory/change.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";

const backup = makeDisk({ device: "/dev/sdb1", uuid: "8261f666" });
const onDrive = { ...backup, serial: "VGH0X627" };

Deno.test("a disk that was detached and is seen on another host has moved from there", () => {
  const inventory = new Inventory(host("alpha"));
  hear(inventory, "beta", [backup]);
  hear(inventory, "beta", []);
  assert.deepEqual(told(inventory.applyScan([backup], 1)), ["moved from beta"]);
});

Deno.test("a disk of a host that is silent or shut down, seen on another host, has moved from there if the drive proves it", () => {
  const seenAfter = (end: "silent" | "shut down", now: Disk) => {
    const inventory = new Inventory(host("alpha"));
    hear(inventory, "beta", [onDrive]);
    if (end === "shut down") inventory.applyGoodbye("beta", 1);
    else inventory.expire(90_000);
    return told(inventory.applyScan([now], 90_001));
  };
  for (const end of ["silent", "shut down"] as const) {
    assert.deepEqual(seenAfter(end, onDrive), ["moved from beta"]);
    const clones = [{ ...onDrive, serial: "OTHER123" }, backup];
    for (const clone of clones) {
      assert.deepEqual(seenAfter(end, clone), ["attached"]);
    }
  }
});

Deno.test("of machines made from one image, one after the other, no disk has moved", () => {
  const inventory = new Inventory(host("alpha"));
  const list = [backup, { ...backup, device: "/dev/sda2", uuid: "root" }];
  for (const round of [1, 2]) {
    for (const name of ["node1", "node2", "node3"]) {
      const changes = hear(inventory, name, list);
      inventory.applyGoodbye(name, 1);
      const isNew = round === 1;
      assert.deepEqual(
        told(changes),
        isNew ? ["host-up", "attached", "attached"] : ["host-up"],
      );
    }
  }
});

Deno.test("a disk has moved once: a second copy of it is another disk", () => {
  const inventory = new Inventory(host("alpha"));
  hear(inventory, "beta", [onDrive]);
  inventory.applyGoodbye("beta", 1);
  inventory.applyScan([onDrive], 2);
  assert.deepEqual(
    told(hear(inventory, "gamma", [onDrive])),
    ["host-up", "attached"],
  );
});

Deno.test("a disk of a host that is up, seen on another host, is a copy", () => {
  const inventory = new Inventory(host("alpha"));
  hear(inventory, "beta", [backup]);
  assert.deepEqual(told(inventory.applyScan([backup], 1)), ["attached"]);
});

Deno.test("a disk of a host that was silent and is up again is a copy", () => {
  const inventory = new Inventory(host("alpha"));
  hear(inventory, "beta", [backup]);
  inventory.expire(90_000);
  hear(inventory, "beta", null);
  assert.deepEqual(told(inventory.applyScan([backup], 1)), ["attached"]);
});

Deno.test("a disk that comes back to the host that it was detached from is attached", () => {
  const inventory = new Inventory(host("alpha"));
  inventory.applyScan([backup], 0);
  inventory.applyScan([], 1);
  assert.deepEqual(told(inventory.applyScan([backup], 2)), ["attached"]);
});

Deno.test("members of one btrfs that share a UUID move each for itself", () => {
  const inventory = new Inventory(host("alpha"));
  const [one, two] = ["1", "2"].map((uuid_sub) =>
    makeDisk({
      device: `/dev/sd${uuid_sub}`,
      uuid: "b",
      uuid_sub,
      serial: `VGH0X62${uuid_sub}`,
    })
  );
  hear(inventory, "beta", [one!]);
  inventory.applyGoodbye("beta", 1);
  assert.deepEqual(
    told(inventory.applyScan([one!, two!], 2)),
    ["moved from beta", "attached"],
  );
});

Deno.test("a disk without a name is never taken for one that was elsewhere", () => {
  const inventory = new Inventory(host("alpha"));
  const nameless = makeDisk({ device: "/dev/sdb1", type: "swap" });
  hear(inventory, "beta", [nameless]);
  hear(inventory, "beta", []);
  assert.deepEqual(told(inventory.applyScan([nameless], 1)), ["attached"]);
});

Deno.test("thousands of disks of one name that a silent host had cost little when another host has as many", () => {
  const inventory = new Inventory(host("alpha"));
  const disksOf = (maker: string) =>
    Array.from({ length: 4_096 }, (_, i) =>
      makeDisk({
        device: `/dev/${i}`,
        label: "backup",
        serial: `${maker}${i}${i}`,
      }));
  hear(inventory, "beta", disksOf("WX"));
  inventory.applyGoodbye("beta", 1);
  const startedAt = performance.now();
  hear(inventory, "gamma", disksOf("VG"));
  assert.ok(performance.now() - startedAt < 1_000);
});

function hear(inventory: Inventory, name: string, list: Disk[] | null) {
  const where = { address: "10.0.0.2", now: 0 };
  return inventory.applyAnnouncement(host(name), list, where).changes;
}

function host(name: string): HostInfo {
  return { id: name, name, version: "0.1.0", everyMs: 30_000 };
}

function told(changes: readonly Change[]): string[] {
  return changes.map((change) =>
    change.event === "moved" ? `moved from ${change.from.name}` : change.event
  );
}
