import assert from "node:assert/strict";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import {
  BURST_PAUSE_MS,
  HOLD_BACK_PER_SECOND,
  LAN_BURST_PER_SECOND,
  QUESTIONS_PER_SECOND,
  START_WAIT_MS,
} from "../../../src/peer/timing.ts";
import { type VirtualHost, VirtualLan } from "../../support/virtual_lan.ts";
import { datagram } from "../../support/announcements.ts";
import { question, start, twoHosts } from "./support.ts";

const backup = makeDisk({ device: "/dev/sdb1", label: "backup-2019" });

Deno.test("on a quiet LAN a change leaves at once", () => {
  const { lan, alpha } = quietLan();
  lan.do(alpha, alpha.peer.scanned([backup], lan.now));
  assert.equal(alpha.sent.length, 1);
});

Deno.test("on a busy LAN a change waits, and leaves when it is quiet", () => {
  const { lan, alpha } = quietLan();
  makeBusy(lan);
  lan.do(alpha, alpha.peer.scanned([backup], lan.now));
  lan.run(900);
  assert.equal(alpha.sent.length, 0);
  lan.run(1_000);
  assert.equal(alpha.sent.length, 1);
});

Deno.test("a user's commands and a goodbye leave at once on a busy LAN too", () => {
  const acts: ((host: VirtualHost, now: number) => void)[] = [
    (host, now) => lan.do(host, host.peer.announce(now)),
    (host, now) => lan.do(host, host.peer.ask(now)),
    (host) => lan.do(host, host.peer.bye()),
  ];
  const { lan, alpha } = quietLan();
  for (const act of acts) {
    makeBusy(lan);
    lan.run(BURST_PAUSE_MS);
    alpha.sent.length = 0;
    act(alpha, lan.now);
    assert.equal(alpha.sent.length, 1);
  }
});

Deno.test("a LAN that stays busy cannot silence a host for longer than half an interval", () => {
  const { lan, alpha } = quietLan();
  lan.do(alpha, alpha.peer.scanned([backup], lan.now));
  alpha.sent.length = 0;
  const changedAt = lan.now;
  while (alpha.sent.length === 0) {
    makeBusy(lan);
    lan.run(500);
  }
  const waited = alpha.sent[0]!.at - changedAt;
  assert.ok(waited > 10_000 && waited <= 15_100 + 1, `${waited}`);
});

Deno.test("what is not taken in silences nobody", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, alpha, []);
  start(lan, beta, []);
  lan.run(60_000);
  const old = beta.sent[0]!.bytes;
  const rejected = [old, datagram({ id: "x" }).slice(0, -3)];
  const broken = new TextEncoder().encode("diskd:#{}\n[]");
  alpha.sent.length = 0;
  for (let i = 0; i < 2 * LAN_BURST_PER_SECOND; i++) {
    for (const bytes of [broken, ...rejected]) lan.inject(bytes, "10.0.0.9");
  }
  lan.do(alpha, alpha.peer.scanned([backup], lan.now));
  assert.equal(alpha.sent.length, 1);
});

Deno.test("a flood of questions holds nobody back", () => {
  const { lan, alpha } = quietLan();
  for (let i = 0; i < 2 * LAN_BURST_PER_SECOND; i++) {
    lan.inject(question(), "10.0.0.9");
  }
  lan.do(alpha, alpha.peer.scanned([backup], lan.now));
  assert.equal(alpha.sent.length, 1);
});

Deno.test("the first word after joining waits a random while, since many may have started at once", () => {
  const lan = new VirtualLan();
  const hosts = Array.from({ length: 30 }, (_, i) => lan.host(`host${i}`));
  for (const host of hosts) start(lan, host, []);
  lan.run(START_WAIT_MS);
  const firstWords = hosts.map(({ sent }) => Math.round(sent[0]!.at));
  assert.ok(new Set(firstWords).size > 20);
});

Deno.test("of hosts that start at once no more probe than may ask in a second", () => {
  const lan = new VirtualLan();
  const hosts = Array.from({ length: 200 }, (_, i) => lan.host(`host${i}`));
  for (const host of hosts) lan.do(host, host.peer.join(lan.now));
  lan.run(900);
  const sent = hosts.reduce((sum, host) => sum + host.sent.length, 0);
  assert.ok(sent >= QUESTIONS_PER_SECOND);
  assert.ok(sent < 1.5 * QUESTIONS_PER_SECOND, `${sent}`);
});

Deno.test("a list of 4,000 disks keeps to the bound, and its repeats do not keep its end from leaving", () => {
  const { lan, alpha, beta } = twoHosts();
  start(lan, beta, []);
  lan.run(10_000);
  start(lan, alpha, manyDisks(4_000));
  lan.run(5_000);
  assert.equal(beta.peer.inventory.host("id-alpha")?.disks.length, 4_000);
  assert.ok(alpha.sent.length > 2 * HOLD_BACK_PER_SECOND);
  const perSecond = Map.groupBy(alpha.sent, ({ at }) => Math.floor(at / 1_000));
  for (const [second, sent] of perSecond) {
    assert.ok(
      sent.length <= LAN_BURST_PER_SECOND,
      `${sent.length} in ${second}`,
    );
  }
});

Deno.test("a copy that another interface hears is neither a question nor an answer again", () => {
  const { lan, alpha } = quietLan();
  const asking = datagram({ id: "new", ask: true });
  lan.do(alpha, alpha.peer.receive(asking, "10.0.0.9", lan.now));
  lan.run(2_000);
  const answers = alpha.sent.length;
  alpha.peer.ask(lan.now);
  lan.do(alpha, alpha.peer.receive(asking, "10.1.0.9", lan.now));
  lan.run(2_000);
  assert.equal(answers, 1);
  assert.equal(alpha.sent.length, 1);
  assert.equal(alpha.peer.takeAnswers().size, 0);
});

Deno.test("before the first scan nothing is announced on command, and a question is no announcement", () => {
  const { lan, alpha } = twoHosts();
  lan.do(alpha, alpha.peer.announce(lan.now));
  assert.equal(alpha.sent.length, 0);
  lan.do(alpha, alpha.peer.ask(lan.now));
  const [asked, ...more] = alpha.sent.map(({ bytes }) => readDatagram(bytes));
  assert.deepEqual(more, []);
  assert.ok(asked?.format === 2);
  const { id, key, ask } = asked.header;
  assert.deepEqual({ id, key, ask }, {
    id: null,
    key: alpha.peer.identity.key.publicKey,
    ask: true,
  });
});

Deno.test("a host with more disks than may be told announces them when they change, not at each scan", () => {
  const { lan, alpha } = quietLan();
  const disks = manyDisks(4_200);
  lan.do(alpha, alpha.peer.scanned(disks, lan.now));
  lan.run(20_000);
  alpha.sent.length = 0;
  lan.do(alpha, alpha.peer.scanned([...disks], lan.now));
  assert.equal(alpha.sent.length, 0);
  assert.equal(alpha.peer.inventory.forgotten.disks, 4_200 - 4_096);
});

/** A host that has nothing to say at the moment. */
function quietLan() {
  const { lan, alpha } = twoHosts();
  start(lan, alpha, []);
  lan.inject(datagram({ id: "busy" }), "10.0.0.9");
  lan.run(10_000);
  alpha.sent.length = 0;
  return { lan, alpha };
}

/** Fills the last second. */
function makeBusy(lan: VirtualLan): void {
  const firstSeq = Math.round(lan.now) * HOLD_BACK_PER_SECOND;
  for (let i = 0; i < HOLD_BACK_PER_SECOND; i++) {
    lan.inject(datagram({ id: "busy", seq: firstSeq + i }), "10.0.0.9");
  }
}

function manyDisks(count: number): Disk[] {
  return Array.from({ length: count }, (_, i) =>
    makeDisk({
      device: `/dev/disk${i}`,
      label: `disk number ${i}`,
      partlabel: "p".repeat(200),
    }));
}
