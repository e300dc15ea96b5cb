import assert from "node:assert/strict";
import { FIND_AGAIN_MS } from "../../../src/inventory/awaited.ts";
import type { Change } from "../../../src/inventory/change.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import {
  DEFAULT_INVENTORY_LIMITS,
  type InventoryLimits,
} from "../../../src/inventory/limits.ts";
import type { Place } from "../../../src/inventory/place.ts";
import type { Memory, RememberedHost } from "../../../src/inventory/restore.ts";

const backup = makeDisk({ device: "/dev/sdb1", uuid: "8261f666", label: "b" });
const scratch = makeDisk({ device: "/dev/sdc1", uuid: "11112222" });

Deno.test("restore() makes hosts silent that were up, and tells of what age their disks are", () => {
  const inventory = restored({
    hosts: [
      remember("beta", [backup], { heardAt: -5_000, since: -90_000 }),
      remember("gamma", [scratch], { heardAt: -9_000, liveness: "stale" }),
      remember("delta", [], { liveness: "gone" }),
    ],
  });
  assert.deepEqual(
    [...inventory.hosts()].map(({ name, liveness }) => [name, liveness]),
    [["alpha", "up"], ["gamma", "stale"], ["beta", "stale"], ["delta", "gone"]],
  );
  assert.deepEqual(told(inventory.where("8261f666").found), [
    "/dev/sdb1 of beta stale -90000 -5000",
  ]);
  assert.deepEqual(inventory.host("beta")?.addresses, ["10.0.0.2"]);
  assert.equal(inventory.nextExpiry, Infinity);
  assert.deepEqual(inventory.counts(), { hosts: 3, disks: 2 });
});

Deno.test("a host of memory that is heard again is up, and what it has still is no news", () => {
  const inventory = restored({ hosts: [remember("beta", [backup, scratch])] });
  const { changes } = hear(inventory, "beta", [scratch, backup]);
  assert.deepEqual(events(changes), ["host-up"]);
  assert.deepEqual(told(inventory.where("8261f666").found), [
    "/dev/sdb1 of beta attached -1000 7",
  ]);
});

Deno.test("a host of memory that is back tells what came, what left and what is another now, and since when", () => {
  const inventory = restored({
    hosts: [remember("beta", [backup, scratch], { heardAt: -500 })],
  });
  const fresh = makeDisk({ device: "/dev/sdd1", uuid: "f" });
  const list = [{ ...backup, label: "renamed" }, fresh];
  assert.deepEqual(events(hear(inventory, "beta", list).changes), [
    "host-up",
    "detached /dev/sdc1",
    "attached /dev/sdd1",
    "changed /dev/sdb1",
  ]);
  assert.deepEqual(told(inventory.where("f").found), [
    "/dev/sdd1 of beta attached 7 7",
  ]);
  assert.deepEqual(
    told(inventory.where("11112222").found),
    ["/dev/sdc1 of beta detached -1000 -500"],
    "it left nobody knows when, after it was last seen",
  );
});

Deno.test("where a disk of memory is mounted and what lies on it is no news, since that was not remembered", () => {
  const wasOn = makeDisk({ ...scratch, mounts: ["/mnt/s"] });
  const inventory = restored({ hosts: [remember("beta", [backup, wasOn])] });
  const now = { ...backup, mounts: ["/mnt"], holders: ["/dev/md0"] };
  const { changes } = hear(inventory, "beta", [now, scratch]);
  assert.deepEqual(events(changes), ["host-up"]);
  assert.deepEqual(inventory.where("8261f666").found[0]?.disk, now);
  assert.deepEqual(inventory.where("11112222").found[0]?.disk, scratch);
  hear(inventory, "beta", [now]);
  assert.deepEqual(inventory.where("11112222").found[0]?.disk, wasOn);
});

Deno.test("a host of memory whose list is not whole yet is up, and its disks are still those of memory", () => {
  const inventory = restored({ hosts: [remember("beta", [backup])] });
  assert.deepEqual(events(hear(inventory, "beta", null).changes), ["host-up"]);
  assert.equal(inventory.where("8261f666").found[0]?.state, "stale");
  assert.deepEqual(events(hear(inventory, "beta", []).changes), [
    "detached /dev/sdb1",
  ]);
});

Deno.test("the first scan is compared with what this host had, and tells nothing where that is so still", () => {
  const same = restored({ hosts: [remember("alpha", [backup])] });
  assert.deepEqual(told(same.where("8261f666").found), [
    "/dev/sdb1 of alpha stale -1000 -100",
  ]);
  assert.deepEqual(same.applyScan([{ ...backup, mounts: ["/mnt"] }], 5), []);
  assert.deepEqual(told(same.where("8261f666").found), [
    "/dev/sdb1 of alpha attached -1000 5",
  ]);
  assert.deepEqual(same.where("8261f666").found[0]?.disk.mounts, ["/mnt"]);

  const other = restored({ hosts: [remember("alpha", [backup])] });
  assert.deepEqual(events(other.applyScan([scratch], 5)), [
    "attached /dev/sdc1",
  ]);
  assert.deepEqual(events(other.expire(5 + FIND_AGAIN_MS)), [
    "detached /dev/sdb1",
  ]);
  assert.deepEqual(told(other.where("8261f666").found), [
    "/dev/sdb1 of alpha detached -1000 -100",
  ]);
});

Deno.test("this host is never stale for what is remembered of it", () => {
  const inventory = restored({
    hosts: [remember("alpha", [backup], { liveness: "gone" })],
  });
  assert.equal(inventory.self.liveness, "up");
  assert.deepEqual(inventory.expire(1e9), []);
});

Deno.test("a disk of memory that is seen on another host has moved from there if the drive proves it", () => {
  const onDrive = { ...backup, serial: "VGH0X627" };
  for (const liveness of ["up", "gone"] as const) {
    const inventory = restored({
      hosts: [remember("beta", [onDrive], { liveness })],
    });
    const copy = { ...backup, device: "/dev/sdc1" };
    assert.deepEqual(events(inventory.applyScan([copy], 4)), [
      "attached /dev/sdc1",
    ]);
    assert.deepEqual(events(inventory.applyScan([copy, onDrive], 5)), [
      "moved /dev/sdb1",
    ]);
  }
});

Deno.test("a sighting of memory tells from when until when, and that a disk which comes back has moved", () => {
  const past = [{
    disk: { ...backup, mounts: ["/mnt"] },
    host: { id: "id of old", name: "old" },
    from: -90_000,
    until: -60_000,
    hasLeft: true,
  }];
  const inventory = restored({ past });
  assert.deepEqual(told(inventory.where("8261f666").found), [
    "/dev/sdb1 of old detached -90000 -60000",
  ]);
  assert.deepEqual(told([...inventory.past()]).length, 1);
  const [change] = inventory.applyScan([backup], 5);
  assert.equal(change?.event === "moved" && change.from.name, "old");
  assert.deepEqual([...inventory.past()], []);
});

Deno.test("a sighting of memory keeps the name that its host had then", () => {
  const inventory = restored({
    hosts: [remember("beta", [])],
    past: [{
      disk: backup,
      host: { id: "beta", name: "a former name" },
      from: -2,
      until: -1,
      hasLeft: true,
    }],
  });
  assert.equal(
    inventory.where("8261f666").found[0]?.host.name,
    "a former name",
  );
});

Deno.test("restore() keeps to the limits: whoever was heard last stays", () => {
  const hosts = [
    remember("beta", disks("a", "b", "c"), { heardAt: -10 }),
    remember("gamma", disks("d"), { heardAt: -30 }),
    remember("delta", disks("e"), { heardAt: -20 }),
  ];
  const past = ["x", "y", "z"].map((label, index) => ({
    disk: makeDisk({ device: "/dev/x", label }),
    host: { id: "beta", name: "beta" },
    from: -100,
    until: -index,
    hasLeft: true,
  }));
  const inventory = restored({ hosts, past }, {
    hosts: 3,
    disksPerHost: 2,
    sightings: 2,
  });
  assert.deepEqual(
    [...inventory.hosts()].map(({ name, disks, since }) => [
      name,
      disks.length,
      since.length,
    ]),
    [["alpha", 0, 0], ["delta", 1, 1], ["beta", 2, 2]],
  );
  assert.deepEqual(
    [...inventory.past()].map(({ disk }) => disk.label),
    ["y", "x"],
  );
  assert.deepEqual(inventory.forgotten, { hosts: 1, disks: 3, addresses: 0 });
});

Deno.test("a host that only an import knows is in no list, and shown apart from others of its name", () => {
  const stranger = { ...remember("beta", []), version: null, addresses: [] };
  const [disk] = disks("x");
  const past = [{
    disk: disk!,
    host: stranger,
    from: -9,
    until: -5,
    hasLeft: false,
  }];
  const inventory = restored({ hosts: [stranger], past });
  assert.deepEqual([...inventory.hosts()].map(({ name }) => name), ["alpha"]);
  const [place] = inventory.past();
  assert.deepEqual([place?.unplugged, place?.state], [false, "detached"]);
  assert.equal(inventory.uniqueName(stranger), "beta");
  const other = { ...info("beta"), id: "another beta" };
  inventory.applyAnnouncement(other, [], { address: "10.0.0.9", now: 1 });
  assert.equal(inventory.uniqueName(stranger), "beta@beta");
  assert.equal(inventory.uniqueName(other), "beta@anothe");
  inventory.forgetHost(stranger.id);
  assert.equal(inventory.uniqueName(other), "beta");
});

Deno.test("learn() takes in last places of disks, but none that is older than a known one", () => {
  const [disk] = disks("x");
  const at = (name: string, until: number) => ({
    disk: disk!,
    host: info(name),
    from: -99,
    until,
    hasLeft: true,
  });
  const inventory = restored({ past: [at("beta", -5)] });
  inventory.learn([at("gamma", -9)]);
  assert.deepEqual(told([...inventory.past()]), [
    "/dev/x of beta detached -99 -5",
  ]);
  inventory.learn([at("gamma", -1)]);
  assert.deepEqual(told([...inventory.past()]), [
    "/dev/x of gamma detached -99 -1",
  ]);
});

Deno.test("hosts of memory make room for those that are heard, the longest silent first", () => {
  const inventory = restored({
    hosts: [
      remember("beta", [], { heardAt: -10 }),
      remember("gamma", [], { heardAt: -30 }),
    ],
  }, { hosts: 3 });
  hear(inventory, "delta", []);
  assert.deepEqual(
    [...inventory.hosts()].map(({ name }) => name),
    ["alpha", "beta", "delta"],
  );
});

Deno.test("hosts of memory count among those of their address, and make room there", () => {
  const address = "10.0.0.66";
  const inventory = restored({
    hosts: [
      { ...remember("beta", []), addresses: [address] },
      { ...remember("gamma", []), addresses: [address] },
    ],
  }, { hostsPerAddress: 2 });
  inventory.applyAnnouncement(info("delta"), [], { address, now: 0 });
  assert.equal([...inventory.hosts()].length, 3);
  assert.equal(inventory.forgotten.hosts, 1);
});

function restored(
  { hosts = [], past = [] }: Partial<Memory>,
  limits: Partial<InventoryLimits> = {},
): Inventory {
  const inventory = new Inventory(info("alpha"), {
    ...DEFAULT_INVENTORY_LIMITS,
    ...limits,
  });
  inventory.restore({ hosts, past });
  return inventory;
}

function remember(
  name: string,
  list: readonly Disk[],
  { heardAt = -100, since = -1_000, liveness = "up" }: {
    heardAt?: number;
    since?: number;
    liveness?: RememberedHost["liveness"];
  } = {},
): RememberedHost {
  return {
    ...info(name),
    addresses: ["10.0.0.2"],
    heardAt,
    liveness,
    disks: list.map((disk) => ({ disk, since })),
  };
}

function hear(
  inventory: Inventory,
  name: string,
  list: readonly Disk[] | null,
) {
  const arrival = { address: "10.0.0.2", now: 7 };
  return inventory.applyAnnouncement(info(name), list, arrival);
}

function info(name: string): HostInfo {
  return { id: name, name, version: "0.1.0", everyMs: 30_000 };
}

function disks(...labels: string[]): Disk[] {
  return labels.map((label) => makeDisk({ device: `/dev/${label}`, label }));
}

function events(changes: readonly Change[]): string[] {
  return changes.map(({ event, disk }) =>
    disk === null ? event : `${event} ${disk.device}`
  );
}

function told(places: readonly Place[]): string[] {
  return places.map(({ disk, host, state, since, seenAt }) =>
    `${disk.device} of ${host.name} ${state} ${since} ${seenAt}`
  );
}
