import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";

const alpha = host("alpha");
const beta = host("beta");
const gamma = host("gamma");
const backup = disk("/dev/sdb1", { uuid: "8261f666", label: "backup-2019" });
const scratch = disk("/dev/sdc1", { uuid: "11112222", label: "scratch" });

Deno.test("applyScan() reports each disk that came", () => {
  const inventory = new Inventory(alpha);
  const changes = inventory.applyScan([backup, scratch], 10);
  assert.deepEqual(
    changes.map(({ event, host, disk, at }) => [
      event,
      host.name,
      disk?.device,
      at,
    ]),
    [
      ["attached", "alpha", "/dev/sdb1", 10],
      ["attached", "alpha", "/dev/sdc1", 10],
    ],
  );
});

Deno.test("applyScan() says nothing of what stayed", () => {
  const inventory = new Inventory(alpha);
  inventory.applyScan([backup, scratch], 10);
  assert.deepEqual(events(inventory.applyScan([scratch, backup], 20)), []);
});

Deno.test("applyScan() reports what was mounted and unmounted, and what else changed", () => {
  const inventory = new Inventory(alpha);
  inventory.applyScan([backup], 10);
  const mounted = { ...backup, mounts: ["/mnt/b"] };
  assert.deepEqual(events(inventory.applyScan([mounted], 20)), ["mounted"]);
  const renamed = { ...mounted, label: "backup-2020" };
  assert.deepEqual(events(inventory.applyScan([renamed], 30)), ["changed"]);
  const unmounted = { ...renamed, mounts: [] };
  assert.deepEqual(events(inventory.applyScan([unmounted], 40)), ["unmounted"]);
});

Deno.test("applyScan() reports another disk on the same device as one that left and one that came", () => {
  const inventory = new Inventory(alpha);
  inventory.applyScan([backup], 10);
  const other = { ...scratch, device: backup.device };
  assert.deepEqual(
    events(inventory.applyScan([other], 20)),
    ["detached", "attached"],
  );
});

Deno.test("applyAnnouncement() brings a host up, then its disks", () => {
  const inventory = new Inventory(alpha);
  const changes = hear(inventory, beta, { disks: [backup], now: 5 });
  assert.deepEqual(events(changes), ["host-up", "attached"]);
  assert.deepEqual(inventory.host("beta")?.addresses, ["10.0.0.2"]);
});

Deno.test("applyAnnouncement() with nothing new keeps the disks and the host fresh", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  hear(inventory, beta, { disks: null, now: 80_000 });
  assert.deepEqual(inventory.expire(100_000), []);
  assert.equal(inventory.host("beta")?.disks.length, 1);
});

Deno.test("a disk that leaves one host and comes to another has moved", () => {
  const inventory = new Inventory(alpha);
  inventory.applyScan([backup], 0);
  inventory.applyScan([], 10);
  const there = { ...backup, device: "/dev/sdx1" };
  const changes = hear(inventory, beta, { disks: [there], now: 20 });
  assert.deepEqual(events(changes), ["host-up", "moved"]);
});

Deno.test("two members of one btrfs that leave are two disks, not one that is overwritten", () => {
  const inventory = new Inventory(alpha);
  const one = disk("/dev/sda", { uuid: "b", uuid_sub: "1" });
  const two = disk("/dev/sdb", { uuid: "b", uuid_sub: "2" });
  inventory.applyScan([one, two], 0);
  inventory.applyScan([], 10);
  assert.deepEqual(devices(inventory.where("b").found), [
    "/dev/sda",
    "/dev/sdb",
  ]);
});

Deno.test("expire() marks a host stale after three of its own intervals, and says so once", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  assert.equal(inventory.nextExpiry, 90_000);
  assert.deepEqual(inventory.expire(89_999), []);
  assert.deepEqual(events(inventory.expire(90_000)), ["host-stale"]);
  assert.deepEqual(inventory.expire(90_001), []);
  assert.equal(inventory.where("scratch").found.length, 0);
  assert.equal(inventory.where("backup-2019").found[0]?.state, "stale");
});

Deno.test("a stale host that speaks again is up again, with its disks and without a fuss about them", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  inventory.expire(100_000);
  const changes = hear(inventory, beta, { disks: null, now: 110_000 });
  assert.deepEqual(events(changes), ["host-up"]);
  assert.equal(inventory.where("backup-2019").found[0]?.state, "attached");
});

Deno.test("applyGoodbye() makes the host gone and its disks detached, last seen there", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  assert.deepEqual(events(inventory.applyGoodbye("beta", 50)), ["host-gone"]);
  assert.deepEqual(inventory.applyGoodbye("beta", 60), []);
  const [place] = inventory.where("backup-2019").found;
  assert.equal(place?.state, "detached");
  assert.equal(place?.seenAt, 50);
  assert.deepEqual(inventory.counts(), { hosts: 1, disks: 0 });
});

Deno.test("where() prefers places where the disk is to those where it was", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  inventory.applyGoodbye("beta", 10);
  inventory.applyScan([backup], 20);
  const places = inventory.where("backup-2019").found;
  assert.deepEqual(places.map(({ host }) => host.name), ["alpha"]);
});

Deno.test("where() lists past places newest first", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  hear(inventory, gamma, { disks: [backup], now: 0 });
  inventory.applyGoodbye("beta", 10);
  inventory.applyGoodbye("gamma", 20);
  const places = inventory.where("backup-2019").found;
  assert.deepEqual(places.map(({ host }) => host.name), ["gamma", "beta"]);
});

Deno.test("where() finds a disk by each of its names", () => {
  const inventory = new Inventory(alpha);
  inventory.applyScan([
    disk("/dev/nvme0n1p1", {
      uuid: "ABCD-1234",
      label: "boot",
      partuuid: "0aff",
      partlabel: "EFI System",
      uuid_sub: "5ub",
      serial: "S3R1AL",
      wwn: "0x5000c500",
    }),
  ], 0);
  const names = [
    ...["abcd-1234", "ABCD-1234", "boot", "0AFF", "EFI System", "5UB"],
    ...["S3R1AL", "0x5000C500", "/dev/nvme0n1p1"],
  ];
  for (const name of names) {
    assert.equal(inventory.where(name).found.length, 1, name);
  }
  for (const name of ["0aff0", "abc", "", "null"]) {
    assert.equal(inventory.where(name).found.length, 0, name);
  }
});

Deno.test("a host on two networks keeps the order of its addresses, and loses one that fell silent", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [], now: 0, address: "10.0.0.2" });
  hear(inventory, beta, { disks: null, now: 1, address: "10.1.0.2" });
  hear(inventory, beta, { disks: null, now: 2, address: "10.0.0.2" });
  assert.deepEqual(inventory.host("beta")?.addresses, ["10.0.0.2", "10.1.0.2"]);
  hear(inventory, beta, { disks: null, now: 100_000, address: "10.1.0.2" });
  assert.deepEqual(inventory.host("beta")?.addresses, ["10.1.0.2"]);
});

Deno.test("past() tells the disks of hosts that are gone, and those that were detached", () => {
  const inventory = new Inventory(alpha);
  hear(inventory, beta, { disks: [backup], now: 0 });
  hear(inventory, gamma, { disks: [disk("/dev/sdd", {})], now: 0 });
  inventory.applyScan([scratch], 5);
  assert.deepEqual([...inventory.past()], []);
  inventory.applyGoodbye("beta", 10);
  inventory.applyScan([], 20);
  assert.deepEqual(
    [...inventory.past()].map(({ disk, host, state, seenAt }) => [
      disk.device,
      host.name,
      state,
      seenAt,
    ]),
    [
      ["/dev/sdb1", "beta", "detached", 10],
      ["/dev/sdc1", "alpha", "detached", 20],
    ],
  );
});

Deno.test("describeSelf() renames this host without losing its disks", () => {
  const inventory = new Inventory(alpha);
  inventory.applyScan([backup], 0);
  inventory.describeSelf({ ...alpha, id: "fresh", name: "omega" });
  assert.equal(inventory.host("alpha"), undefined);
  assert.equal(inventory.where("backup-2019").found[0]?.host.id, "fresh");
  assert.deepEqual([...inventory.hosts()].map(({ name }) => name), ["omega"]);
});

function host(name: string): HostInfo {
  return { id: name, name, version: "0.1.0", everyMs: 30_000 };
}

function disk(device: string, known: Partial<Disk>): Disk {
  return makeDisk({ ...known, device });
}

function hear(
  inventory: Inventory,
  info: HostInfo,
  { disks, now, address = "10.0.0.2" }: {
    disks: readonly Disk[] | null;
    now: number;
    address?: string;
  },
) {
  return inventory.applyAnnouncement(info, disks, { address, now }).changes;
}

function events(
  changes: readonly { event: string }[] | null,
): string[] | undefined {
  return changes?.map(({ event }) => event);
}

function devices(places: readonly { disk: Disk }[]): string[] {
  return places.map(({ disk }) => disk.device);
}
