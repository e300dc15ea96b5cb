import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { weighDisk } from "../../../src/inventory/limits.ts";

const SELF = { id: "self", name: "self", version: "0.1.0", everyMs: 30_000 };
const LONG = "x".repeat(1_400);

/** The same disks serve for every host: only how many there are counts. */
const SMALL = Array.from(
  { length: 4_096 },
  (_, i) => makeDisk({ device: `/dev/${i}` }),
);
const LARGE = Array.from(
  { length: 1_200 },
  (_, i) => makeDisk({ device: `/dev/${i}`, label: LONG, uuid: LONG }),
);

/** Hears host number `i`, each at an address of its own. */
function hear(
  inventory: Inventory,
  i: number,
  disks: readonly Disk[] | null,
  { isProven = true } = {},
): string | null {
  const id = `${isProven ? "host" : "v1"}-${i}`;
  const info = { ...SELF, id, name: id };
  const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  return inventory.applyAnnouncement(info, disks, { address, now: 1 }).shortage;
}

Deno.test("a daemon keeps 10,000 hosts, itself among them", () => {
  const inventory = new Inventory(SELF);
  for (let i = 1; i < 10_000; i++) assert.equal(hear(inventory, i, []), null);
  assert.equal(hear(inventory, 10_000, []), "too-many-hosts");
});

Deno.test("a daemon keeps 4,096 disks of a host, and 100,000 of all", () => {
  const inventory = new Inventory(SELF);
  assert.equal(hear(inventory, 0, [...SMALL, SMALL[0]!]), "too-many-disks");
  const whole = Math.floor(100_000 / SMALL.length);
  for (let i = 0; i < whole; i++) {
    assert.equal(hear(inventory, i, SMALL), null);
  }
  assert.equal(hear(inventory, whole, SMALL), "too-many-disks");
});

Deno.test("a daemon keeps 3 MiB of texts of a host, and 64 MiB of all", () => {
  const inventory = new Inventory(SELF);
  const fitting = Math.floor(3 * 2 ** 20 / weighDisk(LARGE.at(-1)!));
  assert.equal(hear(inventory, 0, LARGE.slice(0, fitting)), null);
  assert.equal(hear(inventory, 0, LARGE), "too-large");
  const hosts = Array.from({ length: 40 }, (_, i) => i);
  const cut = hosts.find((i) =>
    hear(inventory, i, LARGE.slice(0, fitting)) !== null
  );
  assert.equal(cut, 21);
});

const UNPROVEN = { isProven: false };

Deno.test("of hosts that prove nothing a daemon keeps 50,000 disks, and 16 MiB of texts", () => {
  const inventory = new Inventory(SELF);
  const whole = Math.floor(50_000 / SMALL.length);
  for (let i = 0; i < whole; i++) {
    assert.equal(hear(inventory, i, SMALL, UNPROVEN), null);
  }
  assert.equal(hear(inventory, whole, SMALL, UNPROVEN), "too-many-disks");
  assert.equal(hear(inventory, whole + 1, SMALL), null);

  const large = new Inventory(SELF);
  const fitting = Math.floor(3 * 2 ** 20 / weighDisk(LARGE.at(-1)!));
  const list = LARGE.slice(0, fitting);
  for (let i = 0; i < 5; i++) {
    assert.equal(hear(large, i, list, UNPROVEN), null);
  }
  assert.equal(hear(large, 5, list, UNPROVEN), "too-large");
  assert.equal(hear(large, 6, list), null);
});

Deno.test("a daemon keeps 8 addresses of a host", () => {
  const inventory = new Inventory(SELF);
  hear(inventory, 0, []);
  for (let i = 1; i < 20; i++) {
    inventory.heardAlsoFrom("host-0", `10.1.0.${i}`, 1);
  }
  assert.equal(inventory.host("host-0")?.addresses.length, 8);
});

Deno.test("a daemon remembers 10,000 disks that have left, and 8 MiB of texts", () => {
  const large = new Inventory(SELF);
  for (let i = 0; i < 6; i++) {
    const own = LARGE.map((disk) => ({ ...disk, uuid: `${i}${disk.device}` }));
    hear(large, i, own);
    hear(large, i, []);
  }
  const weights = [...large.past()].map(({ disk }) => weighDisk(disk));
  const bytes = weights.reduce((a, b) => a + b, 0);
  assert.equal(Math.floor((bytes + weights[0]!) / 2 ** 20), 8);

  const inventory = new Inventory(SELF);
  for (let i = 0; i < 3; i++) {
    hear(inventory, i, SMALL);
    hear(inventory, i, []);
  }
  assert.equal([...inventory.past()].length, 10_000);
});
