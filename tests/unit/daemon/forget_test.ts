import assert from "node:assert/strict";
import { RpcError } from "../../../src/control/jsonrpc.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import {
  forgetByName,
  type ForgettablePast,
} from "../../../src/daemon/forget.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { ALIAS } from "../../../src/inventory/remark.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import type {
  DiskRecord,
  SightingRecord,
} from "../../../src/store/history/records.ts";
import { madeUpDisk, madeUpSighting } from "../store/history/made_up.ts";
import { FakeHistory } from "./fake_history.ts";

const backup = makeDisk({ device: "/dev/sdb1", uuid: "8261-a", label: "b" });

Deno.test("forgetByName() drops a disk that was detached, from memory and history, and tells where it was", () => {
  const { inventory, forget, history } = setUp();
  inventory.applyScan([backup], 1_000);
  inventory.applyScan([], 2_000);
  const view = forget("b");
  assert.deepEqual(view, {
    hosts: [],
    disks: [{
      uuid: "8261-a",
      label: "b",
      host: "alpha",
      hostId: "alpha",
      uniqueHost: "alpha",
      device: "/dev/sdb1",
      seenAt: "1970-01-01T00:00:02.000Z",
    }],
    sightings: 2,
  });
  assert.deepEqual(inventory.where("b").found, []);
  assert.deepEqual(history.told, ["forgot disk uuid 8261-a "]);
  assert.deepEqual(forget("b"), { hosts: [], disks: [], sightings: 0 });
});

Deno.test("forgetByName() forgets a disk by a given name, and not what was said of it", () => {
  const { inventory, forget, history } = setUp();
  inventory.remarks.take({
    subject: "uuid 8261-a",
    field: ALIAS,
    value: "the red one",
    at: 1_800_000_000_000,
    by: "id",
    host: "alpha",
    key: "k",
    signature: "A".repeat(86),
  });
  inventory.applyScan([backup], 1_000);
  inventory.applyScan([], 2_000);
  assert.equal(forget("the red one").disks[0]?.uuid, "8261-a");
  assert.equal(
    inventory.remarks.on("uuid 8261-a").name?.value,
    "the red one",
  );
  history.records.push(record({ name: "uuid 8261-a ", uuid: "8261-a" }));
  assert.equal(forget("the red one").disks[0]?.uuid, "8261-a");
});

Deno.test("forgetByName() in a dry run tells the same and drops nothing", () => {
  const { inventory, forget, history } = setUp();
  inventory.applyScan([backup], 1_000);
  inventory.applyScan([], 2_000);
  hear(inventory, "beta", []);
  inventory.applyGoodbye("id of beta", 1);
  const disk = forget("b", { dryRun: true });
  assert.deepEqual([disk.disks.length, disk.sightings], [1, 2]);
  const host = forget("beta", { dryRun: true });
  assert.deepEqual([host.hosts.length, host.sightings], [1, 3]);
  assert.equal(inventory.where("b").found.length, 1);
  assert.ok(inventory.host("id of beta"));
  assert.deepEqual(history.told, []);
});

Deno.test("forgetByName() works without a history", () => {
  const { inventory, forget } = setUp({ past: null });
  inventory.applyScan([backup], 1_000);
  inventory.applyScan([], 2_000);
  assert.deepEqual(forget("b").sightings, 0);
  assert.deepEqual(inventory.where("b").found, []);
});

Deno.test("forgetByName() drops all members of one filesystem by its UUID", () => {
  const { inventory, forget, history } = setUp();
  const members = ["1", "2"].map((uuid_sub) =>
    makeDisk({ device: `/dev/${uuid_sub}`, uuid: "u", uuid_sub })
  );
  inventory.applyScan(members, 1);
  inventory.applyScan([], 2);
  assert.equal(forget("u").disks.length, 2);
  assert.equal(history.told.length, 2);
});

Deno.test("forgetByName() drops a disk of a host that is gone, and leaves the others of that host", () => {
  const { inventory, forget } = setUp();
  const kept = makeDisk({ device: "/dev/k", uuid: "k" });
  hear(inventory, "beta", [backup, kept]);
  inventory.applyGoodbye("id of beta", 5);
  assert.equal(forget("8261-a").disks[0]?.host, "beta");
  assert.deepEqual(inventory.host("id of beta")?.disks, [kept]);
});

Deno.test("forgetByName() drops what only the history knows", () => {
  const { forget, history } = setUp();
  history.records = [record({ name: "uuid old ", uuid: "old", label: "old" })];
  assert.deepEqual(forget("old"), {
    hosts: [],
    disks: [{
      uuid: "old",
      label: "old",
      host: null,
      hostId: null,
      uniqueHost: null,
      device: null,
      seenAt: null,
    }],
    sightings: 2,
  });
  assert.deepEqual(history.told, ["forgot disk uuid old "]);
});

Deno.test("forgetByName() drops a host that only the history knows", () => {
  const { forget, history } = setUp();
  history.records = [record({ name: "uuid old ", uuid: "old", label: "old" })];
  const { hostId } = history.records[0]!.host;
  const [row, ...others] = forget(hostId).hosts;
  assert.deepEqual([row?.hostId, row?.state, others], [hostId, "stale", []]);
  assert.deepEqual(history.told, [`forgot host ${hostId}`]);
});

Deno.test("forgetByName() refuses a disk that is attached, or is on a silent host, and says why", () => {
  const { inventory, forget, history } = setUp();
  hear(inventory, "beta", [backup]);
  refuses(() => forget("b"), /^b is attached to beta; a disk can be forgotten/);
  inventory.expire(1e6);
  refuses(() => forget("b"), /^b was last on beta, which is silent/);
  // By the label that it had once.
  history.records = [record({ name: "uuid 8261-a ", label: "former" })];
  refuses(() => forget("former"), /^b was last on beta/);
  assert.equal(inventory.where("b").found.length, 1);
  assert.deepEqual(history.told, []);
});

Deno.test("forgetByName() refuses a name that several disks have, and tells their UUIDs", () => {
  const { inventory, forget } = setUp();
  const others = ["1", "2", "3"].map((number) =>
    makeDisk({ device: `/dev/${number}`, uuid: `8261-${number}`, label: "b" })
  );
  inventory.applyScan([backup, ...others], 1);
  inventory.applyScan([], 2);
  const all = /matches 4 disks; .*: 8261-a, 8261-1, 8261-2 and 1 more$/;
  refuses(() => forget("b"), all);
  refuses(() => forget("8261"), all);
  assert.equal(forget("8261-a").disks.length, 1);
  assert.equal(inventory.where("b").found.length, 3);
});

Deno.test("forgetByName() drops a host that is silent or gone, by name or id, with all that was there", () => {
  for (const name of ["beta", "BETA", "id of beta"]) {
    const { inventory, forget, history } = setUp();
    hear(inventory, "beta", [backup]);
    inventory.expire(1e6);
    const view = forget(name);
    assert.deepEqual(
      view.hosts.map(({ host, disks, state }) => [host, disks, state]),
      [["beta", 1, "stale"]],
    );
    assert.deepEqual([view.disks, view.sightings], [[], 3]);
    assert.equal(inventory.host("id of beta"), undefined);
    assert.deepEqual(inventory.where("b").found, []);
    assert.deepEqual(history.told, ["forgot host id of beta"]);
  }
});

Deno.test("forgetByName() forgets a host that is up, which comes back with what it has when it speaks", () => {
  const { inventory, forget } = setUp();
  const disks = [makeDisk({ device: "/dev/sdb1", label: "b" })];
  hear(inventory, "beta", disks);
  assert.equal(forget("beta").hosts[0]?.state, "up");
  assert.equal(inventory.host("id of beta"), undefined);
  assert.deepEqual(inventory.where("b").found, []);
  hear(inventory, "beta", disks);
  assert.equal(inventory.where("b").found[0]?.state, "attached");
});

Deno.test("forgetByName() refuses this host, and a name of several", () => {
  const { inventory, forget } = setUp();
  hear(inventory, "beta", []);
  refuses(() => forget("alpha"), /^alpha is this host/);
  hear(inventory, "beta", [], "another id");
  inventory.expire(1e6);
  refuses(
    () => forget("beta"),
    /several hosts .* beta; choose one: beta@id of , beta@anothe$/,
  );
  assert.equal(forget("beta@anothe", { dryRun: true }).hosts.length, 1);
  assert.equal(forget("another id").hosts.length, 1);
});

Deno.test("forgetByName() refuses a name that a host and a disk have", () => {
  const { inventory, forget } = setUp();
  hear(inventory, "b", []);
  inventory.applyGoodbye("id of b", 1);
  inventory.applyScan([backup], 1);
  refuses(() => forget("b"), /^b is a host and a disk; .* id, id of b, or/);
});

Deno.test("forgetByName() leaves all as it was where the history cannot be written", () => {
  const { inventory, forget, history } = setUp();
  inventory.applyScan([backup], 1);
  inventory.applyScan([], 2);
  history.failure = new Error("disk full");
  assert.throws(() => forget("b"), /disk full/);
  assert.equal(inventory.where("b").found.length, 1);
});

function setUp({ past }: { past?: ForgettablePast | null } = {}) {
  const inventory = new Inventory({
    id: "alpha",
    name: "alpha",
    version: "0.1.0",
    everyMs: 30_000,
  });
  const clock = new Clock({ now: () => 0, wallClock: () => 0 });
  const history = new FakeHistory();
  const parts = {
    inventory,
    clock,
    rows: new ListRows(inventory, clock),
    past: past === undefined ? history : past,
  };
  return {
    inventory,
    history,
    forget: (name: string, options: { dryRun?: boolean } = {}) =>
      forgetByName({ name, ...options }, parts),
  };
}

function hear(
  inventory: Inventory,
  name: string,
  disks: readonly Disk[],
  id = `id of ${name}`,
): void {
  const info = { id, name, version: "0.1.0", everyMs: 30_000 };
  inventory.applyAnnouncement(info, disks, { address: "10.0.0.2", now: 0 });
}

function record(known: Partial<DiskRecord>): SightingRecord {
  const disk = madeUpDisk(null, known);
  return madeUpSighting({ disk, label: disk.label });
}

function refuses(act: () => unknown, message: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof RpcError);
    assert.match(error.message, message);
    return true;
  });
}
