import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { Engine } from "../../../src/daemon/engine.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { Log } from "../../../src/daemon/log.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { Peer } from "../../../src/peer/peer.ts";
import { datagram } from "../../support/announcements.ts";

const DISK = makeDisk({ device: "/dev/sdb1", label: "backup" });

/** An engine that hears one datagram after another, and what came of them, in order. */
function setUp() {
  const steps: string[] = [];
  const clock = new Clock({ now: () => 1_000, wallClock: () => 1_000 });
  const peer = new Peer({
    identity: { id: "alpha", boot: 1, name: "alpha", version: "0.1.0" },
    pastBoot: 0,
    announceIntervalMs: 30_000,
    random: () => 0.5,
    freshId: () => "fresh",
  });
  const engine = new Engine({
    peer,
    clock,
    rows: new ListRows(peer.inventory, clock),
    log: new Log({ level: "error", format: "text" }, {
      write: () => {},
      timeOfDay: () => new Date(0),
    }),
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
