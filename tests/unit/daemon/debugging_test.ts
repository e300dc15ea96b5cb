import assert from "node:assert/strict";
import { logPrograms } from "../../../src/daemon/debugging.ts";
import { Log, type LogOptions } from "../../../src/daemon/log.ts";
import { ScanLoop } from "../../../src/daemon/scan_loop.ts";
import { datagram } from "../../support/announcements.ts";
import { exited, scriptedSystem } from "../../support/scripted_system.ts";
import { madeEngine } from "./made_engine.ts";

function logged(level: LogOptions["level"]) {
  const lines: Record<string, unknown>[] = [];
  const log = new Log({ level, format: "json" }, {
    write(line) {
      const { time: _time, ...rest } = JSON.parse(line);
      if (rest.level === "debug") lines.push(rest);
    },
    timeOfDay: () => new Date(0),
  });
  return { log, lines };
}

Deno.test("Log.debug() works out fields only for a line that is written", () => {
  for (const level of ["error", "warn", "info"] as const) {
    const { log, lines } = logged(level);
    assert.equal(log.isDebugging, false);
    log.debug("x", () => assert.fail(level));
    assert.deepEqual(lines, []);
  }
  const { log, lines } = logged("debug");
  log.debug("x", () => ({ n: 1 }));
  log.debug("y");
  assert.deepEqual(lines, [
    { level: "debug", message: "x", n: 1 },
    { level: "debug", message: "y" },
  ]);
});

Deno.test("at debug each datagram is in the log, with why it was rejected", () => {
  const { log, lines } = logged("debug");
  const engine = madeEngine({ log });
  const announcement = datagram({ id: "beta", seq: 2 });
  const receive = (bytes: Uint8Array, address: string) => {
    lines.length = 0;
    engine.receive(bytes, address);
    const { level: _level, ...line } = lines[0]!;
    assert.equal(lines.length, 1);
    return line;
  };
  const message = "datagram received";
  const { length: bytes } = announcement;
  assert.deepEqual(receive(announcement, "10.0.0.2"), {
    message,
    address: "10.0.0.2",
    bytes,
    outcome: "accepted",
    effects: "accepted change",
  });
  const again = { message, bytes, effects: null };
  assert.deepEqual(receive(announcement, "10.0.0.3"), {
    ...again,
    address: "10.0.0.3",
    outcome: "copy",
  });
  assert.deepEqual(receive(datagram({ id: "beta", seq: 1 }), "10.0.0.2"), {
    ...again,
    address: "10.0.0.2",
    outcome: "rejected",
    reason: "old",
  });
  assert.deepEqual(receive(new Uint8Array([1, 2, 3]), "10.0.0.9"), {
    ...again,
    address: "10.0.0.9",
    bytes: 3,
    outcome: "rejected",
    reason: "not-diskd",
  });
  engine.stop();
});

Deno.test("at debug what is sent is in the log, and at info no detail", () => {
  for (const level of ["debug", "info"] as const) {
    const { log, lines } = logged(level);
    const engine = madeEngine({ log });
    engine.receive(datagram({ id: "beta" }), "10.0.0.2");
    engine.stop();
    const messages = lines.map(({ message }) => message);
    const expected = level === "debug" ? ["datagram received", "sending"] : [];
    assert.deepEqual(messages, expected);
  }
});

Deno.test("at debug each program is in the log, with how it ended and how long it took", async () => {
  const { log, lines } = logged("debug");
  let now = 0;
  const system = {
    ...scriptedSystem(({ program }) => {
      now += 12.4;
      return program === "lsblk" ? exited({ code: 32 }) : { kind: "missing" };
    }),
    now: () => now,
  };
  const programs = logPrograms(system, log);
  const options = { timeoutMs: 1 };
  const outcome = await programs.run("lsblk", ["-J", "-b"], options);
  assert.deepEqual(outcome, exited({ code: 32 }));
  await programs.run("findmnt", [], options);
  await programs.follow("udevadm", ["monitor"], () => {}).ended;
  const level = "debug";
  const ended = "program ended";
  assert.deepEqual(lines, [
    { level, message: ended, program: "lsblk -J -b", code: 32, ms: 12 },
    { level, message: ended, program: "findmnt", end: "missing", ms: 12 },
    { level, message: "program started", program: "udevadm monitor" },
    {
      level,
      message: ended,
      program: "udevadm monitor",
      end: "missing",
      ms: 0,
    },
  ]);
});

Deno.test("at debug each scan is in the log", async () => {
  const { log, lines } = logged("debug");
  const scans = new ScanLoop({
    scan: () =>
      Promise.resolve({
        disks: [],
        ok: true,
        problems: [],
        durationMs: 7.6,
        read: 3,
      }),
    noticing: () => ({ devices: "udev", mounts: "events" }),
    now: () => 0,
    intervalMs: 60_000,
    onResult: () => {},
    log,
  });
  await scans.now();
  scans.stop();
  assert.deepEqual(lines, [{
    level: "debug",
    message: "scanned",
    media: "all",
    read: 3,
    disks: 0,
    problems: 0,
    ms: 8,
  }]);
});
