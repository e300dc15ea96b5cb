import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { isHostId } from "../../../src/inventory/host.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { formerIds, isSameMachine } from "../../../src/inventory/lives.ts";

const EVERY_MS = 30_000;
const [A, B, C] = ["10.0.0.11", "10.0.0.12", "10.0.0.13"];

const photos = makeDisk({ device: "/dev/sdb1", uuid: "p", label: "photos" });
const music = makeDisk({ device: "/dev/sdb1", uuid: "m", label: "music" });
const root = makeDisk({ device: "/dev/vda1", uuid: "root" });
const ssd = makeDisk({ device: "/dev/sda1", uuid: "root", serial: "S3Z8NB0K" });
const other = makeDisk({
  device: "/dev/sda1",
  uuid: "root",
  serial: "S4X6NF0M",
});

Deno.test("isSameMachine() takes a drive in common for proof, whatever else is new", () => {
  assert.ok(isSame(["n1", A, [ssd, photos]], ["n2", B, [ssd]]));
});

Deno.test("isSameMachine() takes another name for another machine, but for the same address and disks", () => {
  assert.ok(isSame(["n1", A, [root]], ["n2", A, [root, photos]]));
  assert.ok(isSame(["n1", A, []], ["n2", A, [photos]]));
  assert.ok(!isSame(["n1", A, [root]], ["n2", B, [root]]), "a clone");
  assert.ok(!isSame(["n1", A, [photos]], ["n2", A, [music]]), "its lease too");
  assert.ok(!isSame(["n1", A, [ssd]], ["n2", B, [other]]));
  assert.ok(!isSame(["n1", A, []], ["n2", B, []]));
});

Deno.test("isSameMachine() takes the same name for the same machine, but for another address and drives", () => {
  assert.ok(isSame(["pi", A, [photos]], ["pi", B, [music]]));
  assert.ok(isSame(["pi", A, [ssd]], ["pi", B, [photos]]));
  assert.ok(isSame(["pi", A, [ssd]], ["pi", A, [other]]));
  assert.ok(!isSame(["pi", A, [ssd]], ["pi", B, [other]]));
});

Deno.test("formerIds() are ids, whatever the name", () => {
  for (const name of ["node1", "", "Büro.lan", "x".repeat(300), "\u{1f600}"]) {
    const ids = new Set(formerIds("a".repeat(32), name).take(12));
    assert.equal(ids.size, 12);
    for (const id of ids) assert.ok(isHostId(id), id);
  }
});

for (const state of ["up", "stale", "gone"]) {
  Deno.test(`a machine that was ${state} when another began to speak under its id keeps its name, addresses and disks`, () => {
    const lan = new Lan();
    lan.start("n1", A, [root, photos]);
    if (state === "gone") lan.inventory.applyGoodbye("id", lan.now);
    if (state === "stale") lan.pass(4);
    const changes = lan.start("n2", B, [{ ...root, label: "r" }, music]);
    assert.deepEqual(
      changes.map(({ event, host }) => `${event} ${host.id} ${host.name}`),
      [
        ...state === "up" ? ["host-stale id.n1 n1"] : [],
        "host-up id n2",
        "attached id n2",
        "attached id n2",
      ],
    );
    assert.deepEqual(lan.placesOf("photos"), [
      `n1 ${A} ${state === "gone" ? "detached" : "stale"}, not unplugged`,
    ]);
    assert.deepEqual(lan.placesOf("music"), [`n2 ${B} attached`]);
  });
}

Deno.test("each machine of an id has its own again when it is back, and the other goes on", () => {
  const lan = new Lan();
  lan.start("n1", A, [photos]);
  lan.inventory.applyGoodbye("id", lan.now);
  lan.start("n2", B, [music]);
  lan.inventory.applyGoodbye("id", lan.now);
  const changes = lan.start("n1", A, [photos]);
  assert.deepEqual(changes.map(({ event }) => event), ["host-up"]);
  assert.deepEqual(lan.placesOf("photos"), [`n1 ${A} attached`]);
  assert.deepEqual(lan.placesOf("music"), [
    `n2 ${B} detached, not unplugged`,
  ]);
  assert.deepEqual(lan.ids(), ["id", "id.n2"]);
  assert.deepEqual([...lan.inventory.takeRekeyed()], [
    { from: "id", to: "id.n1" },
    { from: "id", to: "id.n2" },
    { from: "id.n1", to: "id" },
  ]);
  assert.deepEqual([...lan.inventory.takeRekeyed()], []);
});

Deno.test("a machine that took an id of its own goes on under that", () => {
  const lan = new Lan();
  lan.start("n2", B, [music]);
  lan.inventory.applyGoodbye("id", lan.now);
  lan.start("n1", A, [photos]);
  const changes = lan.start("n2", B, [music], "fresh");
  assert.deepEqual(changes.map(({ event }) => event), ["host-up"]);
  assert.deepEqual(lan.ids(), ["fresh", "id"]);
  assert.deepEqual(lan.placesOf("music"), [`n2 ${B} attached`]);
});

Deno.test("a machine that took an id of its own before the other was believed is one host", () => {
  const lan = new Lan();
  lan.start("n2", B, [music, photos]);
  lan.hear("n2", B, [music]);
  lan.start("n2", B, [music], "fresh");
  lan.start("n1", A, [root]);
  assert.deepEqual(lan.ids(), ["fresh", "id"]);
  assert.deepEqual(lan.placesOf("music"), [`n2 ${B} attached`]);
  const [past] = [...lan.inventory.detached()];
  assert.deepEqual([past?.host.id, past?.host.name], ["fresh", "n2"]);
  assert.deepEqual([...lan.inventory.takeRekeyed()], [
    { from: "id", to: "fresh" },
  ]);
});

Deno.test("three machines of one id and one name are three hosts", () => {
  const lan = new Lan();
  const third = { ...ssd, serial: "S9ABNX0T" };
  const machines = [[A, ssd], [B, other], [C, third]] as const;
  for (const [address, drive] of [...machines, ...machines]) {
    lan.start("pi", address, [drive]);
    lan.inventory.applyGoodbye("id", lan.now);
  }
  assert.deepEqual(lan.ids(), ["id", "id.pi", "id.pi.2"]);
  const serials = [...lan.inventory.hosts()].slice(1)
    .map(({ addresses, disks }) => `${addresses} ${disks[0]!.serial}`);
  assert.deepEqual(
    serials.sort(),
    machines.map(([address, { serial }]) => `${address} ${serial}`),
  );
});

Deno.test("what has no name of its own is told apart too", () => {
  const lan = new Lan();
  const blank = makeDisk({ device: "/dev/sdx", size: 1 });
  lan.start("n1", A, [photos, blank]);
  lan.hear("n1", A, [photos]);
  const changes = lan.start("n2", B, [music, blank]);
  assert.ok(!changes.some(({ event }) => event === "moved"));
  const [past] = [...lan.inventory.detached()];
  assert.equal(past?.host.name, "n1");
  assert.deepEqual(past?.disk, blank);
});

Deno.test("a host that is renamed goes on, and what left before has the name of then", () => {
  for (const restarts of [false, true]) {
    const lan = new Lan();
    lan.start("n1", A, [root, photos]);
    lan.hear("n1", A, [root]);
    if (restarts) lan.start("n2", A, [root]);
    else lan.hear("n2", A, [root]);
    assert.deepEqual(lan.ids(), ["id"]);
    assert.deepEqual(lan.placesOf("photos"), [`n1 ${A} detached`]);
    assert.deepEqual(lan.placesOf("root"), [`n2 ${A} attached`]);
    lan.hear("n2", A, []);
    assert.deepEqual(lan.placesOf("root"), [`n2 ${A} detached`]);
  }
});

type Machine = readonly [name: string, address: string, disks: readonly Disk[]];

function isSame(known: Machine, started: Machine): boolean {
  const [name, address, disks] = started;
  return isSameMachine(
    { name: known[0], addresses: [C, known[1]], disks: known[2] },
    { id: "id", name, address, disks },
  );
}

/** Daemons of one id as heard by alpha. */
class Lan {
  readonly inventory = new Inventory(info("alpha", "alpha"));
  now = 0;

  start(name: string, address: string, disks: readonly Disk[], id = "id") {
    const life = { id, name, address, disks };
    return [
      ...this.inventory.beginLife(life, this.now),
      ...this.hear(name, address, disks, id),
    ];
  }

  hear(name: string, address: string, disks: readonly Disk[], id = "id") {
    const arrival = { address, now: this.now };
    const host = info(id, name);
    return this.inventory.applyAnnouncement(host, disks, arrival).changes;
  }

  pass(intervals: number): void {
    this.now += intervals * EVERY_MS;
    this.inventory.expire(this.now);
  }

  ids(): string[] {
    return [...this.inventory.hosts()].slice(1).map(({ id }) => id).sort();
  }

  placesOf(name: string): string[] {
    return this.inventory.where(name).found.map((place) => {
      const { host, state, unplugged } = place;
      const stays = state !== "attached" && !unplugged ? ", not unplugged" : "";
      return `${host.name} ${host.addresses} ${state}${stays}`;
    });
  }
}

function info(id: string, name: string) {
  return { id, name, version: "0.1.0", everyMs: EVERY_MS };
}
