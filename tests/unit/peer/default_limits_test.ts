import assert from "node:assert/strict";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { Assemblies } from "../../../src/peer/assembly.ts";
import {
  DEFAULT_RATE_LIMITS,
  RateLimiter,
} from "../../../src/peer/rate_limiter.ts";
import { accept, ageOf, newRemote } from "../../../src/peer/remotes.ts";
import { V1Hosts } from "../../../src/peer/v1_hosts.ts";
import { datagram } from "../../support/announcements.ts";

const MANY = Array.from(
  { length: 1_000 },
  (_, i) => makeDisk({ device: `/dev/${i}` }),
);
const LONG = Array.from({ length: 1_000 }, (_, i) => {
  const text = `${i}`.padEnd(1_400);
  return makeDisk({ device: `/dev/${i}`, label: text, uuid: text });
});

Deno.test("20,000 disks wait for the other parts of their lists, and 16 MiB of texts", () => {
  const many = new Assemblies();
  for (let i = 0; i < 20; i++) many.add(part(`host-${i}`), MANY, 0);
  assert.equal(many.expire(0), 0);
  many.add(part("one more"), MANY, 0);
  assert.ok(many.expire(0) > 0);

  const long = new Assemblies();
  for (let i = 0; i < 5; i++) long.add(part(`host-${i}`), LONG, 0);
  assert.equal(long.expire(0), 0);
  long.add(part("one more"), LONG, 0);
  assert.ok(long.expire(0) > 0);
});

Deno.test("a list waits two minutes for its next part", () => {
  const lists = new Assemblies();
  lists.add(part("host"), MANY, 0);
  assert.equal(lists.expire(119_999), 0);
  assert.equal(lists.expire(120_000), 1);
});

Deno.test("of all strangers 10,000 datagrams a second are read", () => {
  const inflow = new RateLimiter(DEFAULT_RATE_LIMITS, () => false);
  const read = Array.from(
    { length: 30_000 },
    (_, i) =>
      inflow.take({ address: `${i}`, id: null }, { bytes: 100, now: 0 }),
  );
  assert.equal(read.filter((excess) => excess === null).length, 10_000);
});

Deno.test("what comes again within a second is a copy, later it is old", () => {
  const remote = newRemote();
  const read = readDatagram(datagram({ id: "a", seq: 5 }));
  assert.ok(read.format === 2);
  accept(remote, read.header, { address: "10.0.0.1", now: 0 });
  assert.equal(ageOf(remote, read.header, 1_000), "copy");
  assert.equal(ageOf(remote, read.header, 1_001), "old");
});

Deno.test("10,000 addresses are remembered of hosts that speak version 2", () => {
  const inventory = new Inventory(
    { id: "self", name: "self", version: "0.1.0", everyMs: 30_000 },
  );
  const hosts = new V1Hosts(inventory, { spend: () => null });
  for (let i = 0; i <= 10_000; i++) hosts.speaksVersion2(`${i}`, 0);
  const isShadowed = (address: string) =>
    hosts.hear(version1("[]"), address, 1) === "shadowed";
  assert.equal(isShadowed("0"), false);
  assert.equal(isShadowed("1"), true);
  assert.equal(isShadowed("10000"), true);
});

function part(id: string) {
  const address = "10.0.0.2";
  return { id, boot: 1, rev: 1, part: 1, parts: 2, isKnown: false, address };
}

function version1(yaml: string) {
  const read = readDatagram(new TextEncoder().encode(`diskd:${yaml}`));
  assert.ok(read.format === 1);
  return read;
}
