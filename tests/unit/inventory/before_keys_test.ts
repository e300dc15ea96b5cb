import assert from "node:assert/strict";
import {
  findPredecessor,
  type LastKnown,
} from "../../../src/inventory/before_keys.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import type { RememberedHost } from "../../../src/inventory/restore.ts";

const [OLD, KEY] = ["0".repeat(32), "1".repeat(32)];
const photos = makeDisk({ device: "/dev/sdb1", uuid: "p", label: "photos" });
const music = makeDisk({ device: "/dev/sdb1", uuid: "m", label: "music" });
const ssd = makeDisk({ device: "/dev/sda", serial: "S5GXNX0T", size: 9 });
const [A, B] = ["10.0.0.2", "10.0.0.9"];

Deno.test("findPredecessor() takes the host of the same name that has a drive, an address or a disk in common", () => {
  const known = (
    name: string,
    address: string,
    disks: Disk[] = [],
    heardAt = 0,
  ): LastKnown => ({ name, addresses: [address], disks, heardAt });
  const beta = { name: "beta", addresses: [A], disks: [photos, ssd] };
  const byDrive = known("Beta", B, [ssd]);
  const byAddress = known("beta", A, [], 5);
  const byDisk = known("beta", B, [photos], 9);
  const all = [byDisk, byAddress, byDrive];
  assert.equal(findPredecessor(all, beta), byDrive);
  assert.equal(findPredecessor(all.slice(0, 2), beta), byAddress);
  assert.equal(findPredecessor(all.slice(0, 1), beta), byDisk);
  const older = known("beta", B, [photos], 3);
  assert.equal(findPredecessor([older, byDisk], beta), byDisk);
  const others = [known("gamma", A, [photos, ssd]), known("beta", B, [music])];
  assert.equal(findPredecessor(others, beta), undefined);
});

Deno.test("a host of before keys goes on under its key, with its disks and what left it, and nothing is told", () => {
  const inventory = remembering();
  const changes = hear(inventory, { disks: [photos] });
  assert.deepEqual(changes, ["host-up"]);
  assert.deepEqual(idsOf(inventory), [KEY]);
  const [place] = inventory.where("photos").found;
  assert.deepEqual([place?.host.id, place?.since], [KEY, -500]);
  assert.deepEqual(inventory.where("music").found.map(({ host }) => host.id), [
    KEY,
  ]);
  assert.deepEqual([...inventory.takeRekeyed()], [{ from: OLD, to: KEY }]);
  assert.equal(inventory.host(KEY)?.isProven, true);
});

Deno.test("only the first host of a name goes on with what is known from before keys", () => {
  const inventory = remembering();
  hear(inventory, { disks: [photos] });
  hear(inventory, { id: "2".repeat(32), disks: [photos], address: B });
  assert.deepEqual(idsOf(inventory), [KEY, "2".repeat(32)]);
  assert.equal([...inventory.takeRekeyed()].length, 1);
});

Deno.test("a host with a key, and one of 0.01, are no hosts of before keys", () => {
  for (const known of [{ isProven: true }, { id: `v1-${A}` }]) {
    const inventory = remembering(known);
    hear(inventory, { disks: [photos] });
    assert.equal(idsOf(inventory).length, 2);
  }
  const inventory = remembering();
  hear(inventory, { id: `v1-${A}`, disks: [photos] });
  assert.deepEqual(idsOf(inventory), [OLD, `v1-${A}`]);
});

Deno.test("a host that speaks under the id that it has needs no other", () => {
  const inventory = remembering();
  hear(inventory, { id: OLD, disks: [photos] });
  hear(inventory, { id: KEY, disks: [photos] });
  assert.deepEqual(idsOf(inventory), [OLD, KEY]);
});

Deno.test("findSuccessors() finds each host of before keys once among those that were heard", () => {
  const inventory = new Inventory(info({ id: "self", name: "alpha" }));
  hear(inventory, { disks: [photos] });
  hear(inventory, { id: "2".repeat(32), disks: [photos], address: B });
  assert.deepEqual(inventory.findSuccessors([remembered()]), [
    { from: OLD, to: KEY },
  ]);
  assert.deepEqual(
    inventory.findSuccessors([remembered({ isProven: true })]),
    [],
  );
});

function remembering(known: Partial<RememberedHost> = {}): Inventory {
  const inventory = new Inventory(info({ id: "self", name: "alpha" }));
  inventory.restore({
    hosts: [remembered(known)],
    past: [{
      disk: music,
      host: { id: OLD, name: "beta" },
      from: -900,
      until: -700,
      hasLeft: true,
    }],
  });
  return inventory;
}

function remembered(known: Partial<RememberedHost> = {}): RememberedHost {
  return {
    ...info({ id: OLD, name: "beta" }),
    isProven: false,
    addresses: [A],
    heardAt: -100,
    liveness: "stale",
    disks: [{ disk: photos, since: -500 }],
    ...known,
  };
}

function info({ id, name }: { id: string; name: string }) {
  return { id, name, version: "0.1.0", everyMs: 30_000 };
}

function hear(
  inventory: Inventory,
  { id = KEY, disks, address = A }: {
    id?: string;
    disks: Disk[];
    address?: string;
  },
): string[] {
  const from = { address, now: 10, hasStarted: true };
  const about = info({ id, name: "beta" });
  return inventory.applyAnnouncement(about, disks, from).changes
    .map(({ event }) => event);
}

/** Of the other hosts. */
function idsOf(inventory: Inventory): string[] {
  return [...inventory.hosts()].slice(1).map(({ id }) => id);
}
