import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Assemblies } from "../../../src/peer/assembly.ts";

const LIMITS = { disksInFlight: 10, bytesInFlight: 1_000, maxAgeMs: 1_000 };

Deno.test("Assemblies puts parts together in their order, whenever each comes", () => {
  const lists = new Assemblies(LIMITS);
  assert.equal(lists.add(key("a", 3, 3), disks("e"), 0), null);
  assert.equal(lists.add(key("a", 1, 3), disks("a", "b"), 0), null);
  assert.equal(lists.add(key("a", 1, 3), disks("a", "b"), 0), null);
  assert.deepEqual(
    lists.add(key("a", 2, 3), disks("c", "d"), 0),
    disks("a", "b", "c", "d", "e"),
  );
  assert.equal(lists.expire(0), 0);
});

Deno.test("Assemblies gives up the oldest list when all together hold too much", () => {
  const lists = new Assemblies(LIMITS);
  lists.add(key("old", 1, 2), disks(..."12345"), 0);
  lists.add(key("new", 1, 2), disks(..."678901"), 0);
  assert.equal(lists.expire(0), 1);
  assert.equal(lists.add(key("old", 2, 2), [], 0), null);
  assert.equal(lists.add(key("new", 2, 2), [], 0)?.length, 6);
});

Deno.test("Assemblies bounds lists of empty parts as well", () => {
  const lists = new Assemblies(LIMITS);
  for (let i = 0; i < 100; i++) lists.add(key(`host ${i}`, 1, 4_096), [], 0);
  assert.equal(lists.expire(0), 90);
});

Deno.test("Assemblies gives up a list that is too much by itself", () => {
  const lists = new Assemblies(LIMITS);
  lists.add(key("a", 1, 3), disks(..."123456"), 0);
  lists.add(key("a", 2, 3), disks(..."789012"), 0);
  assert.equal(lists.expire(0), 1);
});

Deno.test("Assemblies gives up a list whose parts have stopped coming", () => {
  const lists = new Assemblies(LIMITS);
  lists.add(key("a", 1, 3), disks("a"), 0);
  lists.add(key("a", 2, 3), disks("b"), 999);
  assert.equal(lists.expire(1_998), 0);
  assert.equal(lists.expire(1_999), 1);
});

Deno.test("Assemblies gives up the lists of the address that holds most", () => {
  const lists = new Assemblies(LIMITS);
  lists.add(key("honest", 1, 2), disks("a"), 0);
  for (let i = 0; i < 100; i++) {
    lists.add(
      { ...key(`liar ${i}`, 1, 2), address: "10.0.0.66" },
      disks("b"),
      0,
    );
  }
  assert.equal(lists.add(key("honest", 2, 2), disks("c"), 0)?.length, 2);
});

Deno.test("Assemblies gives up no list of a known host for those of strangers", () => {
  const lists = new Assemblies(LIMITS);
  const known = { isKnown: true };
  lists.add({ ...key("known", 1, 2), ...known }, disks(..."12345678"), 0);
  for (let i = 0; i < 100; i++) {
    const address = `10.0.1.${i}`;
    lists.add({ ...key(`liar ${i}`, 1, 2), address }, disks("b"), 0);
  }
  const whole = lists.add({ ...key("known", 2, 2), ...known }, [], 0);
  assert.equal(whole?.length, 8);
});

function key(id: string, part: number, parts: number) {
  return { id, boot: 1, rev: 1, part, parts, ...STRANGER };
}

const STRANGER = { isKnown: false, address: "10.0.0.2" };

function disks(...names: string[]): Disk[] {
  return names.map((name) => makeDisk({ device: `/dev/${name}` }));
}
