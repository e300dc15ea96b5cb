import assert from "node:assert/strict";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { datagram } from "../../support/announcements.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import type { Engine } from "../../../src/daemon/engine.ts";
import { Log } from "../../../src/daemon/log.ts";
import {
  EVENTS_A_SECOND,
  EVENTS_AT_ONCE,
} from "../../../src/daemon/event_budget.ts";
import {
  SETTLED_AFTER_MS,
  SUMMARY_INTERVAL_MS,
} from "../../../src/daemon/left_out.ts";
import type { EventRow } from "../../../src/control/views.ts";
import { readDatagram } from "../../../src/codec/read_datagram.ts";
import { writeEnvelope } from "../../../src/codec/envelope.ts";
import { signRemark } from "../../../src/codec/remark_signature.ts";
import { EARLIEST_MS, type Remark } from "../../../src/inventory/remark.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";
import { hostKey } from "../../support/host_keys.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { madeEngine } from "./made_engine.ts";

const DISK = makeDisk({ device: "/dev/sdb1", label: "backup" });

const OTHER = makeDisk({ device: "/dev/sdc1", label: "photos" });

/** The lines at `info` of an engine that hears this. */
function logOf(hear: (engine: Engine) => void): string[] {
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text" }, {
    write: (line) => lines.push(line.trimEnd()),
    timeOfDay: () => new Date(0),
    isJournal: true,
  });
  const engine = madeEngine({ log });
  hear(engine);
  engine.stop();
  return lines;
}

Deno.test("Engine tells of each host that a relay tells of, however many", () => {
  let told = 0;
  let leftOut = 0;
  const engine = madeEngine({
    onTold: ({ event }) => told += Number(event === "host-up"),
    onLeftOut: () => leftOut++,
  });
  engine.networkChanged([{
    address: "10.0.0.1",
    prefixLength: 24,
    device: "eth0",
    via: "10.0.0.1",
  }], true);
  const hosts = EVENTS_AT_ONCE + 100;
  for (let i = 0; i < hosts; i++) {
    const from = `192.168.${i >> 8}.${i & 255}`;
    const bytes = datagram({ id: `far-${i}`, disks: [DISK] });
    engine.receive(writeEnvelope({ site: "home", from }, bytes), "10.0.0.2");
  }
  engine.stop();
  assert.deepEqual([told, leftOut], [hosts, 0]);
});

Deno.test("Engine writes the first lists of hosts of a hub bit by bit, and tells that they are up", async () => {
  using time = new MockedTime();
  const changes: string[] = [];
  const written: string[] = [];
  let hasPlenty = true;
  const engine = madeEngine({
    now: time.now,
    hasPlenty: () => hasPlenty,
    onChange: ({ event, host }) => changes.push(`${event} ${host.name}`),
    onFirstList: ({ name }) => written.push(name),
    onLeftOut: () => assert.fail("nothing is too much"),
  });
  const say = (id: string, disks: readonly Disk[], seq: number) => {
    const bytes = datagram({ id, disks, seq, rev: seq });
    const place = { site: "away", from: "10.9.0.1" };
    const named = { id: readId(bytes), site: "away" };
    engine.receiveHub(writeEnvelope(place, bytes), named);
  };
  for (let i = 0; i < 15; i++) say(`far-${i}`, [DISK, OTHER], 1);
  assert.deepEqual(
    changes,
    Array.from({ length: 15 }, (_, i) => `host-up host far-${i}`),
  );
  say("far-0", [DISK], 2);
  assert.equal(changes.at(-1), "detached host far-0");
  assert.deepEqual(written, []);
  hasPlenty = false;
  await time.pass(2_000, 50);
  assert.deepEqual(written, []);
  hasPlenty = true;
  await time.pass(500, 50);
  assert.equal(written.length, 10);
  await time.pass(500, 50);
  assert.equal(written.length, 15);
  engine.stop();
});

/** The host that a datagram is from. */
function readId(bytes: Uint8Array): string {
  const read = readDatagram(bytes);
  return read.format === 2 ? read.header.id! : "";
}

Deno.test("Engine logs a line for all disks of a host at the first contact, and each that comes later", () => {
  const disks = [DISK, OTHER];
  const lines = logOf((engine) => {
    engine.scanned(disks);
    engine.receive(datagram({ id: "beta", disks }), "10.0.0.2");
    engine.receive(datagram({ id: "gamma", disks: [DISK] }), "10.0.0.3");
    const more = [...disks, makeDisk({ device: "/dev/sdd", label: "late" })];
    engine.receive(
      datagram({ id: "beta", seq: 2, rev: 2, disks: more }),
      "10.0.0.2",
    );
  });
  assert.deepEqual(lines, [
    "<6>attached host=alpha disks=2",
    '<6>host-up host="host beta" disks=2',
    '<6>host-up host="host gamma" disks=1',
    '<6>attached host="host beta" device=/dev/sdd label=late',
  ]);
});

Deno.test("Engine logs a single disk that comes to a host without any", () => {
  const lines = logOf((engine) => {
    engine.receive(datagram({ id: "beta", disks: [] }), "10.0.0.2");
    engine.receive(
      datagram({ id: "beta", seq: 2, rev: 2, disks: [DISK] }),
      "10.0.0.2",
    );
  });
  assert.deepEqual(lines, [
    '<6>host-up host="host beta"',
    '<6>attached host="host beta" device=/dev/sdb1 label=backup',
  ]);
});

Deno.test("Engine logs each disk of a list that replaces another", () => {
  const others = ["/dev/sdd", "/dev/sde"].map((device) =>
    makeDisk({ device, label: device.slice(5) })
  );
  const lines = logOf((engine) => {
    engine.receive(datagram({ id: "beta", disks: [DISK] }), "10.0.0.2");
    engine.receive(
      datagram({ id: "beta", seq: 2, rev: 2, disks: others }),
      "10.0.0.2",
    );
  });
  assert.deepEqual(lines, [
    '<6>host-up host="host beta" disks=1',
    '<6>detached host="host beta" device=/dev/sdb1 label=backup',
    '<6>attached host="host beta" device=/dev/sdd label=sdd',
    '<6>attached host="host beta" device=/dev/sde label=sde',
  ]);
});

/** An engine that hears one datagram after another, and what came of them, in order. */
function setUp() {
  const steps: string[] = [];
  const engine = madeEngine({
    send: () => steps.push("send"),
    keepIdentity: () => steps.push("identity"),
    onChange: ({ event }) => void steps.push(event),
    onAccepted: ({ seq }) => void steps.push(`accepted ${seq}`),
    beforeTelling: () => void steps.push("beforeTelling"),
  });
  return { engine, steps, [Symbol.dispose]: () => engine.stop() };
}

Deno.test("Engine calls beforeTelling between what was accepted and what comes of it", () => {
  using run = setUp();
  run.engine.receive(
    datagram({ id: "beta", disks: [DISK] }),
    "10.0.0.2",
  );
  assert.deepEqual(run.steps, [
    "accepted 1",
    "beforeTelling",
    "host-up",
    "beforeTelling",
    "attached",
  ]);
});

Deno.test("Engine does not call beforeTelling for an announcement that brings nothing new", () => {
  using run = setUp();
  const disks = [DISK];
  run.engine.receive(datagram({ id: "beta", disks }), "10.0.0.2");
  run.steps.length = 0;
  run.engine.receive(datagram({ id: "beta", seq: 2, disks }), "10.0.0.2");
  assert.deepEqual(run.steps, ["accepted 2"]);
});

Deno.test("Engine charges a host for the time that its datagrams take", () => {
  let now = 0;
  const engine = madeEngine({
    clock: new Clock({ now: () => now, wallClock: () => now }),
    onAccepted: () => now += 900,
  });
  for (let seq = 1; seq < 20; seq++) {
    engine.receive(datagram({ id: "beta", seq }), "10.0.0.2");
  }
  assert.match(
    engine.problems.join(),
    /^10\.0\.0\.2 sends announcements that take this host too long/,
  );
  engine.stop();
});

/** An engine that hears a host whose list is another one each time. */
function setUpFlood() {
  const time = new MockedTime();
  const lines: string[] = [];
  const changes: string[] = [];
  const summaries: string[] = [];
  const engine = madeEngine({
    now: () => 1_000 + time.now(),
    log: new Log({ level: "info", format: "text" }, {
      write: (line) => lines.push(line.trimEnd()),
      timeOfDay: () => new Date(0),
      isJournal: true,
    }),
    onChange: ({ event, host }) => void changes.push(`${event} ${host.id}`),
    onSummary: ({ id, disks }) =>
      void summaries.push(`${id} ${disks.map(({ label }) => label)}`),
  });
  const events: EventRow[] = [];
  engine.watch((event) => events.push(event));
  let seq = 0;
  return {
    time,
    lines: () => lines.splice(0),
    changes: () => changes.splice(0),
    events: () => events.splice(0),
    summaries: () => summaries.splice(0),
    engine,
    hear(id: string, label: string, address = "10.0.0.9"): void {
      seq++;
      const disks = [makeDisk({ device: "/dev/sdb1", label })];
      engine.receive(datagram({ id, seq, rev: seq, disks }), address);
    },
    [Symbol.dispose]() {
      engine.stop();
      time[Symbol.dispose]();
    },
  };
}

Deno.test("Engine tells only the present list of a host that changes too much, and that of others as before", async () => {
  using run = setUpFlood();
  run.hear("beta", "photos", "10.0.0.2");
  run.hear("mallory", "label 0");
  run.lines();
  run.changes();
  run.events();
  for (let i = 1; i <= 1_000; i++) run.hear("mallory", `label ${i}`);
  const told = run.changes().length;
  assert.ok(told <= EVENTS_AT_ONCE && told > EVENTS_AT_ONCE - 20);
  assert.equal(run.lines().length, told);
  assert.equal(run.events().length, told);
  run.hear("beta", "music", "10.0.0.2");
  assert.deepEqual(run.changes(), ["detached beta", "attached beta"]);
  assert.equal(run.lines().length, 2);
  run.events();
  assert.deepEqual(run.summaries(), []);

  const { leftOut, problems } = run.engine;
  const events = 2_000 - told;
  assert.deepEqual(leftOut, {
    events,
    hosts: [{
      host: "host mallory",
      hostId: "mallory",
      uniqueHost: "host mallory",
      address: "10.0.0.9",
      events,
      perSecond: events,
    }],
  });
  assert.deepEqual(problems, [
    `host mallory at 10.0.0.9 changes its disks ${events} times a second: ` +
    `beyond ${EVENTS_A_SECOND} a second only the present list is told, once a minute`,
  ]);

  await run.time.pass(SETTLED_AFTER_MS + 1_000);
  assert.deepEqual(run.summaries(), ["mallory label 1000"]);
  assert.deepEqual(
    run.events().map(({ event, hostId, leftOut }) => [event, hostId, leftOut]),
    [["left-out", "mallory", events]],
  );
  assert.deepEqual(run.lines(), [
    `<4>events left out events=${events} hosts=1 most="host mallory"`,
  ]);
  run.hear("mallory", "back");
  assert.deepEqual(run.changes(), ["detached mallory", "attached mallory"]);
  await run.time.pass(SUMMARY_INTERVAL_MS);
  assert.deepEqual(run.engine.problems, []);
  assert.deepEqual(run.engine.leftOut, { events, hosts: [] });
});

Deno.test("Engine tells once a minute of a flood that does not end, however many hosts it has", async () => {
  using run = setUpFlood();
  let heard = 0;
  for (let seconds = 0; seconds < 90; seconds++) {
    for (let host = 0; host < 16; host++) {
      for (let i = 0; i < 20; i++) run.hear(`liar-${host}`, `${heard++}`);
    }
    await run.time.pass(1_000);
  }
  const lines = run.lines();
  const summed = lines.filter((line) => line.includes("events left out"));
  assert.equal(summed.length, 2);
  assert.ok(lines.length < EVENTS_AT_ONCE + 90 * EVENTS_A_SECOND);
  assert.equal(new Set(run.summaries()).size, 16);
  assert.match(
    run.engine.problems.join(),
    /^host liar-\d+ and 15 more hosts at 10\.0\.0\.9 change their disks \d+ times/,
  );
});

Deno.test("Engine takes in what was exported, tells of it, and counts what it is none of", () => {
  const events: EventRow[] = [];
  const kept: Remark[] = [];
  const engine = madeEngine({ onRemark: (remark) => void kept.push(remark) });
  engine.watch((event) => void events.push(event));
  const good = signRemark({
    subject: "uuid 8261f666",
    field: "note",
    value: "drawer 3",
    at: EARLIEST_MS,
    host: "away",
  }, hostKey("id-away"));
  const wrong: unknown[] = [
    null,
    7,
    "note",
    [good],
    {},
    { ...good, subject: "label backup" },
    { ...good, value: 7 },
    { ...good, value: "a\x1b[31m" },
    { ...good, at: -1 },
    { ...good, at: "2026-11-28" },
    { ...good, host: "x".repeat(65) },
    { ...good, host: "\ud800" },
    { ...good, key: "" },
    { ...good, signature: "A" },
    { ...good, value: "forged" },
  ];
  const more = { ...good, isProven: true, more: "x".repeat(100) };
  assert.deepEqual(engine.takeRemarks([...wrong, more, good]), {
    added: 1,
    known: 1,
    skipped: wrong.length,
  });
  assert.deepEqual(kept, [good]);
  assert.deepEqual(
    events.map(({ event, host, remark }) => [event, host, remark?.value]),
    [["remarked", "away", "drawer 3"]],
  );
  engine.stop();
});

Deno.test("Engine keeps thousands of remarks of a host, and tells of a few", () => {
  const events: EventRow[] = [];
  let kept = 0;
  const engine = madeEngine({ onRemark: () => void kept++ });
  engine.watch((event) => void events.push(event));
  const remarks = Array.from(
    { length: 1_000 },
    (_, i) => madeUpRemark("id-away", { subject: `uuid ${i}` }),
  );
  assert.equal(engine.takeRemarks(remarks).added, 1_000);
  assert.deepEqual([kept, events.length], [1_000, 30]);
  for (let i = 0; i < 100; i++) {
    engine.remark({ subject: `uuid ${i}`, field: "note", value: "own" });
  }
  assert.equal(events.length, 130);
  engine.stop();
});
