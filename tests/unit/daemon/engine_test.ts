import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { datagram } from "../../support/announcements.ts";
import { madeEngine } from "./made_engine.ts";

const DISK = makeDisk({ device: "/dev/sdb1", label: "backup" });

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
