import assert from "node:assert/strict";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { DEFAULT_INVENTORY_LIMITS } from "../../../src/inventory/limits.ts";
import {
  BURST_DATAGRAMS,
  REPEAT_AFTER_MS,
  START_WAIT_MS,
} from "../../../src/peer/timing.ts";
import { VirtualLan } from "../../support/virtual_lan.ts";
import { datagram } from "../../support/announcements.ts";
import {
  hostNames,
  placeOf,
  question,
  start,
  STARTED_MS,
  twoHosts,
} from "./support.ts";

const backup = makeDisk({ device: "/dev/sdb1", label: "backup-2019" });
const scratch = makeDisk({ device: "/dev/sdc1", label: "scratch" });

Deno.test("a host learns at once, by asking, what the others have said before it came", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(10_000);
  start(lan, beta, []);
  lan.run(1_200);
  assert.equal(placeOf(beta, "backup-2019"), "alpha attached");
  assert.equal(placeOf(alpha, "backup-2019"), "alpha attached");
});

Deno.test("a change is told at once and repeated after 0.1, 0.3, 1 and 3 seconds", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.run(20_000);
  alpha.sent.length = 0;
  const changedAt = lan.now;
  lan.do(alpha, alpha.peer.scanned([backup], lan.now));
  lan.run(3_500);
  assert.deepEqual(
    alpha.sent.map(({ at }) => at - changedAt),
    [0, ...REPEAT_AFTER_MS],
  );
});

Deno.test("a scan that finds the same is not told", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(10_000);
  const sent = alpha.sent.length;
  lan.do(alpha, alpha.peer.scanned([{ ...backup }], lan.now));
  assert.equal(alpha.sent.length, sent);
});

Deno.test("nothing is announced before the first scan is over, and a failed first scan announces the host", () => {
  const { lan, alpha, beta } = twoHosts();
  lan.do(alpha, alpha.peer.join(lan.now));
  lan.do(beta, beta.peer.join(lan.now));
  lan.run(20_000);
  assert.deepEqual(hostNames(beta), ["beta"]);
  lan.do(alpha, alpha.peer.scanned(null, lan.now));
  lan.run(START_WAIT_MS);
  assert.deepEqual(hostNames(beta), ["beta", "alpha"]);
});

Deno.test("announcements come every interval, give or take a quarter", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.run(10_000);
  alpha.sent.length = 0;
  lan.run(3_600_000);
  const gaps = alpha.sent.slice(1).map(({ at }, i) => at - alpha.sent[i]!.at);
  assert.ok(gaps.every((gap) => gap >= 22_500 && gap <= 37_500));
  assert.ok(Math.max(...gaps) - Math.min(...gaps) > 5_000, "no jitter");
});

Deno.test("the interval grows with the number of hosts, and is announced", () => {
  const lan = new VirtualLan();
  const alpha = lan.host("alpha");
  start(lan, alpha, []);
  lan.run(10_000);
  for (let i = 0; i < 4_000; i++) {
    lan.run(2);
    const address = `10.1.${i >> 8}.${i & 255}`;
    lan.inject(datagram({ id: `host-${i}`, every: 3_600 }), address);
  }
  lan.do(alpha, alpha.peer.announce(lan.now));
  const last = readDatagram(alpha.sent.at(-1)!.bytes);
  assert.equal(last.format === 2 && last.header.every, 101);
});

Deno.test("a question is answered once within 20 to 120 ms, and 3 ms more for each datagram of all answers", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(10_000);
  alpha.sent.length = 0;
  const askedAt = lan.now;
  for (let i = 0; i < 5; i++) lan.inject(question(), "10.0.0.9");
  lan.run(900);
  assert.equal(alpha.sent.length, 1);
  const wait = alpha.sent[0]!.at - askedAt;
  assert.ok(wait >= 20 && wait <= 123, `${wait}`);
});

Deno.test("a question a moment after we spoke is answered, but not within the same second", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.run(10_000);
  lan.do(alpha, alpha.peer.announce(lan.now));
  const spokeAt = lan.now;
  alpha.sent.length = 0;
  lan.run(50);
  lan.inject(question(), "10.0.0.9");
  lan.run(1_500);
  assert.deepEqual(alpha.sent.map(({ at }) => at - spokeAt), [1_000]);
});

Deno.test("whoever asks without an id is never listed", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.inject(question(), "10.0.0.9");
  assert.deepEqual(hostNames(alpha), ["alpha"]);
});

Deno.test("a goodbye makes the host gone for everybody at once", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, [backup]);
  start(lan, beta, []);
  lan.run(5_000);
  lan.do(alpha, alpha.peer.bye());
  assert.equal(beta.peer.inventory.host("id-alpha")?.liveness, "gone");
});

Deno.test("a host that falls silent is stale after three of its intervals", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, [backup]);
  start(lan, beta, []);
  lan.run(5_000);
  lan.unplug("alpha");
  lan.run(100_000);
  assert.equal(placeOf(beta, "backup-2019"), "alpha stale");
  assert.equal(beta.changes.at(-1)?.event, "host-stale");
});

Deno.test("1,000 disks arrive whole, in bursts that a receiver can hold", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, beta, []);
  lan.run(10_000);
  start(lan, alpha, manyDisks(1_000));
  lan.run(STARTED_MS + 400);
  assert.equal(beta.peer.inventory.host("id-alpha")?.disks.length, 1_000);
  const perMoment = Map.groupBy(alpha.sent, ({ at }) => at);
  for (const [at, burst] of perMoment) {
    assert.ok(burst.length <= BURST_DATAGRAMS + 1, `${burst.length} at ${at}`);
  }
  assert.ok(alpha.sent.every(({ bytes }) => bytes.length <= 1_400));
});

Deno.test("the parts of a list are put together from its repeats when some are lost", () => {
  const lan = new VirtualLan(7);
  const alpha = lan.host("alpha");
  const beta = lan.host("beta");
  lan.passes = () => lan.random() >= 0.3;
  start(lan, beta, []);
  start(lan, alpha, manyDisks(1_000));
  lan.run(80_000);
  assert.equal(beta.peer.inventory.host("id-alpha")?.disks.length, 1_000);
});

Deno.test("a list that is not whole replaces nothing", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, beta, []);
  start(lan, alpha, manyDisks(100));
  lan.run(5_000);
  lan.passes = (bytes) => {
    const datagram = readDatagram(bytes);
    return datagram.format !== 2 || datagram.header.part === 1;
  };
  lan.do(alpha, alpha.peer.scanned(manyDisks(99), lan.now));
  lan.run(5_000);
  assert.equal(beta.peer.inventory.host("id-alpha")?.disks.length, 100);
});

Deno.test("an older datagram, replayed, moves no disk and is counted", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, beta, []);
  start(lan, alpha, [backup]);
  lan.run(5_000);
  const captured = alpha.sent.at(-1)!.bytes;
  lan.do(alpha, alpha.peer.scanned([scratch], lan.now));
  lan.run(5_000);
  lan.inject(captured, alpha.address);
  assert.equal(
    beta.peer.inventory.where("backup-2019").found[0]?.state,
    "detached",
  );
  assert.equal(beta.peer.counters.rejected["old"], 1);
});

Deno.test("a restarted host is believed although its seq begins anew, and its earlier life no longer", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, beta, []);
  start(lan, alpha, [backup]);
  lan.run(60_000);
  const captured = alpha.sent.at(-1)!.bytes;
  lan.unplug("alpha");
  const identity = { ...alpha.peer.identity, boot: 2 };
  const reborn = lan.host("alpha", { identity });
  start(lan, reborn, [scratch]);
  lan.run(STARTED_MS);
  lan.inject(captured, alpha.address);
  assert.equal(placeOf(beta, "scratch"), "alpha attached");
  assert.equal(
    beta.peer.inventory.where("backup-2019").found[0]?.state,
    "detached",
  );
});

Deno.test("a datagram heard by two interfaces counts as a copy, not as rejected, and tells a second address", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(STARTED_MS);
  const { bytes } = alpha.sent.at(-1)!;
  lan.do(beta, beta.peer.receive(bytes, "10.0.0.1", lan.now));
  lan.do(beta, beta.peer.receive(bytes, "10.1.0.1", lan.now));
  assert.equal(beta.peer.counters.copies, 2);
  assert.deepEqual(beta.peer.counters.rejected, {});
  const host = beta.peer.inventory.host("id-alpha");
  assert.deepEqual(host?.addresses, ["10.0.0.1", "10.1.0.1"]);
});

Deno.test("our own datagrams are known as such", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [backup]);
  lan.run(5_000);
  assert.equal(alpha.peer.counters.own, alpha.sent.length);
  assert.deepEqual(alpha.peer.counters.rejected, {});
});

Deno.test("a host of 0.01 is listed by its address, with what it says", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  const yaml = "diskd:---\n- - 8261f666\n  - backup-2019\n  - /dev/sdb1\n";
  lan.inject(new TextEncoder().encode(yaml), "10.0.0.7");
  assert.equal(placeOf(alpha, "backup-2019"), "10.0.0.7 attached");
  const host = alpha.peer.inventory.host("v1-10.0.0.7");
  assert.equal(host?.version, "0.01");
  lan.inject(new TextEncoder().encode("diskd:--- []\n"), "10.0.0.7");
  assert.equal(host?.disks.length, 0);
});

Deno.test("a host of 0.01 that repeats itself for hours stays up, and one that stops is stale after 30 minutes", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  const yaml = new TextEncoder().encode("diskd:--- []\n");
  for (let i = 0; i < 12; i++) {
    lan.inject(yaml, "10.0.0.7");
    lan.run(600_000);
  }
  assert.equal(alpha.peer.inventory.host("v1-10.0.0.7")?.liveness, "up");
  lan.run(1_200_001);
  assert.equal(alpha.peer.inventory.host("v1-10.0.0.7")?.liveness, "stale");
});

Deno.test("a host of 0.01 that is upgraded does not stay on as a second one", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  const yaml = new TextEncoder().encode("diskd:--- []\n");
  lan.inject(yaml, "10.0.0.7");
  lan.inject(datagram({ id: "new" }), "10.0.0.7");
  assert.deepEqual(hostNames(alpha), ["alpha", "host new"]);
  lan.inject(yaml, "10.0.0.7");
  assert.deepEqual(hostNames(alpha), ["alpha", "host new"]);
  assert.equal(alpha.peer.counters.rejected["shadowed"], 1);
});

Deno.test("a host of 0.01 on two networks that is upgraded does not stay on as another", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  const yaml = new TextEncoder().encode("diskd:--- []\n");
  for (const address of ["10.0.0.7", "10.1.0.7"]) lan.inject(yaml, address);
  const upgraded = datagram({ id: "new" });
  for (const address of ["10.0.0.7", "10.1.0.7"]) lan.inject(upgraded, address);
  assert.deepEqual(hostNames(alpha), ["alpha", "host new"]);
});

Deno.test("the format of 0.01 is refused over IPv6, which 0.01 does not speak", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.inject(new TextEncoder().encode("diskd:--- []\n"), "fe80::9%eth0");
  assert.deepEqual(hostNames(alpha), ["alpha"]);
  assert.equal(alpha.peer.counters.rejected["bad-version"], 1);
});

Deno.test("0.01 on this very host is not listed beside us", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.inject(new TextEncoder().encode("diskd:--- []\n"), alpha.address);
  assert.deepEqual(hostNames(alpha), ["alpha"]);
  assert.equal(alpha.peer.counters.rejected["shadowed"], 1);
});

Deno.test("what cannot be read is counted by reason and changes nothing", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, [backup]);
  const before = JSON.stringify([...alpha.peer.inventory.hosts()]);
  for (const text of ["", "hello", "diskd:{}", "diskd:#{}\n[]", "diskd:\0"]) {
    lan.inject(new TextEncoder().encode(text), "10.0.0.9");
  }
  assert.equal(JSON.stringify([...alpha.peer.inventory.hosts()]), before);
  const rejected = Object.values(alpha.peer.counters.rejected);
  assert.equal(rejected.reduce((sum, n) => sum + n), 5);
});

Deno.test("a host that was forgotten for want of room is read anew when it speaks again", () => {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.inject(datagram({ id: "one", seq: 1, rev: 1, disks: [backup] }), "a");
  alpha.peer.inventory.forget("one");
  lan.inject(datagram({ id: "one", seq: 2, rev: 1, disks: [backup] }), "a");
  assert.equal(placeOf(alpha, "backup-2019"), "host one attached");
});

Deno.test("a host that was forgotten for want of room is not brought back by what it said before", () => {
  const lan = new VirtualLan();
  const limits = { ...DEFAULT_INVENTORY_LIMITS, hosts: 2 };
  const alpha = lan.host("alpha", { limits });
  start(lan, alpha, []);
  const old = datagram({ id: "one", seq: 1, disks: [backup] });
  for (const bytes of [old, datagram({ id: "one", seq: 2 })]) {
    lan.inject(bytes, "a");
  }
  lan.run(100_000);
  lan.inject(datagram({ id: "two" }), "b");
  lan.inject(datagram({ id: "one", seq: 3 }), "a");
  assert.equal(alpha.peer.counters.rejected["too-many-hosts"], 1);
  lan.run(100_000);
  assert.deepEqual(hostNames(alpha), ["alpha", "host two"]);
  lan.inject(old, "a");
  assert.deepEqual(hostNames(alpha), ["alpha", "host two"]);
  assert.equal(alpha.peer.counters.rejected["old"], 1);
});

Deno.test("takeAnswers() tells who has announced since ask()", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, []);
  start(lan, beta, []);
  lan.run(10_000);
  const askedAt = lan.now;
  lan.do(alpha, alpha.peer.ask(lan.now));
  lan.run(1_200);
  const answers = [...alpha.peer.takeAnswers()];
  assert.deepEqual(answers.map(([id]) => id), ["id-beta"]);
  const [, { at, address }] = answers[0]!;
  assert.ok(at - askedAt <= 130);
  assert.equal(address, beta.address);
  assert.equal(alpha.peer.takeAnswers().size, 0);
});

function manyDisks(count: number) {
  return Array.from({ length: count }, (_, i) =>
    makeDisk({
      device: `/dev/disk${i}`,
      uuid: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
      label: `disk number ${i}`,
      type: "ext4",
      size: 4_000_787_030_016,
    }));
}
