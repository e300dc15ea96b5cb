import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { HistoryWriter } from "../../../src/daemon/history_writer.ts";
import { FIND_AGAIN_MS } from "../../../src/inventory/awaited.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { FakeHistory } from "./fake_history.ts";

/** The wall clock is this far ahead of the monotonic one. */
const WALL = 1_000_000;

const backup = makeDisk({
  device: "/dev/sdb1",
  uuid: "8261",
  label: "backup",
  serial: "VGH0X627",
});
const photos = makeDisk({ device: "/dev/sdc1", label: "photos" });

Deno.test("HistoryWriter tells what comes and what goes, by the wall clock", () => {
  const site = setUp();
  site.scan([backup, photos], 10);
  site.scan([photos], 20);
  assert.deepEqual(site.told(), [
    "began self uuid 8261  /dev/sdb1 1000010",
    "began self label photos /dev/sdc1 1000010",
    "ended self /dev/sdb1 1000020",
  ]);
});

Deno.test("HistoryWriter tells other fields of a disk as a new beginning, and what is mounted", () => {
  const site = setUp();
  site.scan([backup], 10);
  site.told();
  site.scan([{ ...backup, label: "other" }], 20);
  site.scan([{ ...backup, label: "other", mounts: ["/a", "/b"] }], 30);
  site.scan([{ ...backup, label: "other", mounts: ["/b"] }], 40);
  site.scan([{ ...backup, label: "other" }], 50);
  assert.deepEqual(site.told(), [
    "began self uuid 8261  /dev/sdb1 1000020",
    "mounted self /dev/sdb1 /a,/b",
    "mounted self /dev/sdb1 /a,/b",
    "mounted self /dev/sdb1 /b",
    "mounted self /dev/sdb1 ",
  ]);
});

Deno.test("HistoryWriter keeps the sighting of a disk that cannot be read", () => {
  const site = setUp();
  site.scan([backup], 10);
  site.told();
  site.scan([{ ...backup, health: "unreadable" }], 20);
  site.scan([backup], 30);
  assert.deepEqual(site.told(), [
    "mounted self /dev/sdb1 ",
    "mounted self /dev/sdb1 ",
  ]);
});

Deno.test("HistoryWriter keeps no more mount points than are worth it", () => {
  const site = setUp();
  const mounts = ["a", "b", "c"].map((letter) => `/${letter.repeat(2_000)}`);
  site.scan([backup], 10);
  site.told();
  site.scan([{ ...backup, mounts }], 20);
  const kept = mounts.slice(0, 2).join(",");
  assert.ok(
    site.told().every((line) => line === `mounted self /dev/sdb1 ${kept}`),
  );
});

Deno.test("HistoryWriter names a disk that has neither UUID nor label by its place", () => {
  const site = setUp();
  site.scan([makeDisk({ device: "/dev/sdd1", type: "swap" })], 10);
  assert.deepEqual(site.told(), [
    "began self device /dev/sdd1 of self /dev/sdd1 1000010",
  ]);
});

Deno.test("HistoryWriter tells when a host is up, silent and gone, and when it was heard", () => {
  const site = setUp();
  site.hear([], 10);
  site.expire(100_000);
  site.hear([], 100_010);
  site.bye(100_020);
  assert.deepEqual(site.told(), [
    "host beta up 1000010",
    "host beta stale 1000010",
    "host beta up 1100010",
    "host beta gone 1100020",
  ]);
});

Deno.test("a disk that moved away from a silent host was there until that was last heard", () => {
  const site = setUp();
  site.hear([backup], 10);
  site.expire(100_000);
  site.told();
  site.scan([{ ...backup, device: "/dev/sda1" }], 100_010);
  assert.deepEqual(site.told(), [
    "ended beta /dev/sdb1 1000010",
    "began self uuid 8261  /dev/sda1 1100010",
  ]);
});

Deno.test("what a host does not list after a silence was there until it was heard before", () => {
  const site = setUp();
  site.hear([backup, photos], 10);
  site.expire(100_000);
  site.told();
  site.hear(null, 100_010);
  site.hear([photos], 101_000);
  assert.deepEqual(site.told(), [
    "host beta up 1100010",
    "ended beta /dev/sdb1 1000010",
  ]);
  site.hear([], 110_000);
  assert.deepEqual(site.told(), ["ended beta /dev/sdc1 1110000"]);
});

Deno.test("a disk that moved away and that its old host has all the same is at both", () => {
  const site = setUp();
  site.hear([backup, photos], 10);
  site.expire(100_000);
  site.scan([backup], 100_010);
  site.hear(null, 100_020);
  site.told();
  site.writer.settle(101_000);
  assert.deepEqual(site.told(), []);
  site.writer.settle(110_000);
  site.writer.settle(120_000);
  assert.deepEqual(site.told(), ["began beta uuid 8261  /dev/sdb1 1110000"]);
});

Deno.test("hosts that were up when the daemon stopped are so no more until they are heard", () => {
  const site = setUp();
  site.remember("beta", [backup]);
  const beta = site.inventory.host("beta")!;
  site.writer.restored(beta, { wasUp: true });
  assert.deepEqual(site.told(), ["host beta stale 995000"]);
  site.hear([{ ...backup, mounts: ["/mnt"] }], 10);
  site.writer.settle(5_000);
  assert.deepEqual(site.told(), [
    "host beta up 1000010",
    "mounted beta /dev/sdb1 /mnt",
  ]);
});

Deno.test("what this host lost while no daemon ran was there until the daemon stopped", () => {
  const site = setUp();
  site.remember("self", [backup, photos]);
  const heardAt = -5_000;
  site.writer.restoredSelf(site.inventory.self, { heardAt, now: 0 });
  site.scan([photos], 500);
  assert.deepEqual(site.told(), []);
  site.expire(500 + FIND_AGAIN_MS);
  assert.deepEqual(site.told(), ["ended self /dev/sdb1 995000"]);
});

Deno.test("a host that takes another id leaves the old one, with its disks", () => {
  const site = setUp();
  site.scan([backup], 10);
  site.told();
  site.inventory.describeSelf(info("fresh"));
  site.writer.renamed("self", site.inventory.self, 20);
  assert.deepEqual(site.told(), [
    "ended self /dev/sdb1 1000020",
    "host self gone 1000020",
    "host fresh up 1000010",
    "listed fresh /dev/sdb1 1000010",
    "began fresh uuid 8261  /dev/sdb1 1000010",
  ]);
});

function setUp() {
  const clocks = { now: () => 0, wallClock: () => WALL };
  const store = new FakeHistory();
  const writer = new HistoryWriter(store, new Clock(clocks));
  const inventory = new Inventory(info("self"));
  const take = (changes: Iterable<Parameters<typeof writer.take>[0]>) => {
    for (const change of changes) writer.take(change);
  };
  return {
    writer,
    inventory,
    /** What the store was told since the last call. */
    told: () => store.told.splice(0),
    scan: (disks: Disk[], now: number) => take(inventory.applyScan(disks, now)),
    hear(disks: Disk[] | null, now: number) {
      const from = { address: "10.0.0.2", now };
      take(inventory.applyAnnouncement(info("beta"), disks, from).changes);
    },
    expire: (now: number) => take(inventory.expire(now)),
    bye: (now: number) => take(inventory.applyGoodbye("beta", now)),
    remember(id: string, disks: Disk[]) {
      inventory.restore({
        hosts: [{
          ...info(id),
          addresses: [],
          heardAt: -5_000,
          liveness: "stale",
          disks: disks.map((disk) => ({ disk, since: -9_000 })),
        }],
        past: [],
      });
    },
  };
}

function info(id: string): HostInfo {
  return { id, name: id, version: "0.1.0", everyMs: 30_000 };
}
