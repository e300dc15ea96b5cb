import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import type { HostInfo } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import {
  DEFAULT_INVENTORY_LIMITS,
  type InventoryLimits,
  limitsFor,
  weighDisk,
} from "../../../src/inventory/limits.ts";

Deno.test("at the limit of hosts the one that has been silent for the longest makes room, and one that is up never does", () => {
  const inventory = inventoryOf({ hosts: 3 });
  hear(inventory, "beta", disks("a", "b"));
  hear(inventory, "gamma", disks("c"));
  assert.equal(hear(inventory, "delta", []).shortage, "too-many-hosts");
  assert.equal(inventory.host("delta"), undefined);
  assert.deepEqual(inventory.forgotten, { hosts: 0, disks: 0, addresses: 0 });
  inventory.applyGoodbye("gamma", 3);
  inventory.applyGoodbye("beta", 4);
  assert.equal(hear(inventory, "delta", []).shortage, null);
  assert.deepEqual(names(inventory), ["alpha", "beta", "delta"]);
  assert.deepEqual(inventory.forgotten, { hosts: 1, disks: 1, addresses: 0 });
});

Deno.test("a host that was silent and is back makes no room", () => {
  const inventory = inventoryOf({ hosts: 2 });
  hear(inventory, "beta", []);
  inventory.applyGoodbye("beta", 1);
  hear(inventory, "beta", []);
  assert.equal(hear(inventory, "gamma", []).shortage, "too-many-hosts");
});

Deno.test("a list of too many disks is cut, and what is cut off is counted once", () => {
  const inventory = inventoryOf({ disksPerHost: 2 });
  const heard = hear(inventory, "beta", disks("a", "b", "c"));
  assert.equal(heard.shortage, "too-many-disks");
  assert.equal(inventory.host("beta")?.disks.length, 2);
  hear(inventory, "beta", disks("a", "b", "c"));
  assert.equal(inventory.forgotten.disks, 1);
  hear(inventory, "beta", disks("a", "b", "c", "d"));
  assert.equal(inventory.forgotten.disks, 2);
});

Deno.test("a list of too much text is cut", () => {
  const [one] = disks("a");
  const inventory = inventoryOf({ bytesPerHost: 2 * weighDisk(one!) });
  const heard = hear(inventory, "beta", disks("a", "b", "c"));
  assert.equal(heard.shortage, "too-large");
  assert.equal(inventory.host("beta")?.disks.length, 2);
  assert.equal(inventory.forgotten.disks, 1);
});

Deno.test("at the limit of all disks the silent make room, the longest silent first, then a list is cut", () => {
  const inventory = inventoryOf({ disks: 4 });
  hear(inventory, "beta", disks("a", "b"));
  hear(inventory, "gamma", disks("c"));
  inventory.applyGoodbye("gamma", 1);
  inventory.applyGoodbye("beta", 2);
  assert.equal(hear(inventory, "delta", disks("d", "e")).shortage, null);
  assert.deepEqual(names(inventory), ["alpha", "beta", "delta"]);
  const heard = hear(inventory, "epsilon", disks("f", "g", "h"));
  assert.equal(heard.shortage, "too-many-disks");
  assert.deepEqual(names(inventory), ["alpha", "delta", "epsilon"]);
  assert.equal(inventory.host("epsilon")?.disks.length, 2);
  assert.deepEqual(inventory.forgotten, { hosts: 2, disks: 4, addresses: 0 });
});

Deno.test("a list that is replaced gives back its room", () => {
  const inventory = inventoryOf({ disks: 3 });
  for (let i = 0; i < 10; i++) {
    const list = disks(`a${i}`, `b${i}`, `c${i}`);
    assert.equal(hear(inventory, "beta", list).shortage, null);
  }
});

Deno.test("this host's own disks are always taken in, up to what one host may have", () => {
  const inventory = inventoryOf({ disks: 3, disksPerHost: 4 });
  hear(inventory, "beta", disks("a", "b", "c"));
  inventory.applyScan(disks("d", "e", "f", "g", "h"), 1);
  assert.equal(inventory.self.disks.length, 4);
});

Deno.test("beyond the limit of sightings the oldest is forgotten and counted", () => {
  const inventory = inventoryOf({ sightings: 2 });
  inventory.applyScan(disks("a", "b", "c"), 0);
  inventory.applyScan([], 1);
  assert.deepEqual(
    [...inventory.past()].map(({ disk }) => disk.label),
    ["b", "c"],
  );
  assert.equal(inventory.forgotten.disks, 1);
});

Deno.test("beyond the limit of addresses a new one is not noted until one has fallen silent", () => {
  const inventory = inventoryOf({ addressesPerHost: 2 });
  for (const [now, address] of ["a", "b", "c"].entries()) {
    hear(inventory, "beta", null, { now, address });
  }
  assert.deepEqual(inventory.host("beta")?.addresses, ["b", "a"]);
  assert.equal(inventory.forgotten.addresses, 1);
  hear(inventory, "beta", null, { now: 90_001, address: "c" });
  assert.deepEqual(inventory.host("beta")?.addresses, ["c", "b"]);
});

Deno.test("at the limit of hosts at one address the one that has been silent there for the longest makes room, and one that is up never does", () => {
  const inventory = inventoryOf({ hostsPerAddress: 2 });
  const address = "10.0.0.66";
  hear(inventory, "beta", disks("a"), { now: 1, address });
  hear(inventory, "gamma", [], { now: 2, address });
  const refused = hear(inventory, "delta", [], { address });
  assert.deepEqual(refused, { changes: [], shortage: "crowded-address" });
  assert.equal(inventory.host("delta"), undefined);
  assert.equal(hear(inventory, "delta", []).shortage, null);
  inventory.applyGoodbye("gamma", 3);
  inventory.applyGoodbye("beta", 4);
  hear(inventory, "epsilon", [], { now: 5, address });
  assert.deepEqual(names(inventory), ["alpha", "beta", "delta", "epsilon"]);
  assert.deepEqual(inventory.forgotten, { hosts: 1, disks: 0, addresses: 0 });
});

Deno.test("100,000 hosts that somebody makes up at one address are 16 in the list", () => {
  const inventory = new Inventory(host("alpha"));
  for (let i = 0; i < 100_000; i++) hear(inventory, `made up ${i}`, null);
  assert.equal(names(inventory).length, 17);
});

Deno.test("a host that is known is heard from a crowded address, which is not noted", () => {
  const inventory = inventoryOf({ hostsPerAddress: 1 });
  hear(inventory, "beta", null, { address: "10.0.0.2" });
  hear(inventory, "gamma", null, { address: "10.0.0.3" });
  hear(inventory, "gamma", null, { now: 9, address: "10.0.0.2" });
  assert.equal(inventory.host("gamma")?.heardAt, 9);
  assert.deepEqual(inventory.host("gamma")?.addresses, ["10.0.0.3"]);
  assert.equal(inventory.forgotten.addresses, 1);
});

Deno.test("isUpAs() tells whether a host that is up has this id and address", () => {
  const inventory = inventoryOf({});
  const { id } = inventory.self;
  inventory.setOwnAddresses(["10.0.0.1"]);
  assert.equal(inventory.isUpAs(id, "10.0.0.1"), true);
  inventory.setOwnAddresses([]);
  assert.equal(inventory.isUpAs(id, "10.0.0.1"), false);
  hear(inventory, "beta", null);
  assert.equal(inventory.isUpAs("beta", "10.0.0.2"), true);
  assert.equal(inventory.isUpAs("beta", "10.0.0.9"), false);
  assert.equal(inventory.isUpAs("gamma", "10.0.0.2"), false);
  inventory.applyGoodbye("beta", 1);
  assert.equal(inventory.isUpAs("beta", "10.0.0.2"), false);
});

function inventoryOf(limits: Partial<InventoryLimits>): Inventory {
  return new Inventory(host("alpha"), limits);
}

function hear(
  inventory: Inventory,
  name: string,
  list: readonly Disk[] | null,
  { now = 0, address = "10.0.0.2" } = {},
) {
  return inventory.applyAnnouncement(host(name), list, { address, now });
}

function host(name: string): HostInfo {
  return { id: name, name, version: "0.1.0", everyMs: 30_000 };
}

function disks(...labels: string[]): Disk[] {
  return labels.map((label) => makeDisk({ device: `/dev/${label}`, label }));
}

function names(inventory: Inventory): string[] {
  return [...inventory.hosts()].map(({ name }) => name);
}

Deno.test("limitsFor gives the memory that goes with so many disks", () => {
  assert.deepEqual(
    limitsFor({ hosts: 10_000, disks: 100_000 }),
    DEFAULT_INVENTORY_LIMITS,
  );
  const limits = limitsFor({ hosts: 20_000, disks: 200_000 });
  assert.equal(limits.hosts, 20_000);
  assert.equal(limits.disks, 200_000);
  assert.equal(limits.bytes, 2 * DEFAULT_INVENTORY_LIMITS.bytes);
  assert.equal(limits.disksPerHost, DEFAULT_INVENTORY_LIMITS.disksPerHost);
});
