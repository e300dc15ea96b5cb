import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { datagram } from "../../support/announcements.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import type { Engine } from "../../../src/daemon/engine.ts";
import { Log } from "../../../src/daemon/log.ts";
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
