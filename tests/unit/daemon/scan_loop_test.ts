import assert from "node:assert/strict";
import { Log } from "../../../src/daemon/log.ts";
import { type Noticing, ScanLoop } from "../../../src/daemon/scan_loop.ts";
import type { ScanRequest } from "../../../src/probe/scan_requests.ts";
import { eventually } from "../../support/eventually.ts";

const UDEV: Noticing = { devices: "udev", mounts: "events" };
const KERNEL: Noticing = { devices: "kernel", mounts: "events" };
const NOTHING: Noticing = { devices: "none", mounts: "none" };
const HOUR_MS = 3_600_000;

Deno.test("ScanLoop logs each problem once, and the end of all", () => {
  const { loop, lines } = loopWith({});
  const found = [
    [],
    ["no blkid"],
    ["no blkid", "sdb hangs"],
    ["sdb hangs"],
    [],
    [],
    ["no blkid"],
  ];
  for (const problems of found) loop.tellProblems(problems);
  assert.deepEqual(lines, [
    "warn  no blkid",
    "warn  sdb hangs",
    "info  scans are complete again",
    "warn  no blkid",
  ]);
  assert.deepEqual(loop.problems, ["no blkid"]);
});

Deno.test("ScanLoop reads only the devices that an event names", async () => {
  const { loop, requests } = loopWith({ noticing: KERNEL });
  loop.deviceChanged("sdb");
  loop.deviceChanged("sdb1");
  loop.changed();
  await eventually(() => assert.equal(requests.length, 2), { pauseMs: 5 });
  loop.stop();
  assert.deepEqual(requests.map(changedOf), [["sdb"], ["sdb1"]]);
});

Deno.test("ScanLoop reads everything when it is asked to", async () => {
  const { loop, requests } = loopWith({ noticing: UDEV });
  await loop.now();
  loop.stop();
  assert.deepEqual(requests, [{ media: "all" }]);
  assert.equal(loop.last?.result.durationMs, 1);
});

Deno.test("ScanLoop reads everything at intervals where no event tells of a new label", async () => {
  for (const noticing of [KERNEL, NOTHING]) {
    const { loop, requests } = loopWith({ noticing, intervalMs: 5 });
    await loop.now();
    await eventually(() => assert.ok(requests.length >= 3), { pauseMs: 5 });
    loop.stop();
    for (const request of requests) assert.equal(request.media, "all");
  }
});

Deno.test("ScanLoop reads nothing at intervals where events tell of all but mounts", async () => {
  const noticing: Noticing = { devices: "udev", mounts: "none" };
  const { loop, requests } = loopWith({ noticing, intervalMs: 5 });
  await loop.now();
  await eventually(() => assert.ok(requests.length >= 3), { pauseMs: 5 });
  loop.stop();
  for (const request of requests.slice(1)) {
    assert.deepEqual(changedOf(request), []);
  }
});

Deno.test("ScanLoop leaves a host alone where events tell of everything", async () => {
  const { loop, requests } = loopWith({ noticing: UDEV, intervalMs: 5 });
  await loop.now();
  await new Promise((done) => setTimeout(done, 200));
  loop.stop();
  assert.equal(requests.length, 1);
});

Deno.test("ScanLoop looks at intervals however many events there are", async () => {
  const { loop, requests } = loopWith({ noticing: KERNEL, intervalMs: 50 });
  await loop.now();
  const flood = setInterval(() => loop.changed(), 5);
  await eventually(() => {
    const whole = requests.filter(({ media }) => media === "all");
    assert.ok(whole.length >= 3);
  });
  clearInterval(flood);
  loop.stop();
});

Deno.test("ScanLoop looks when what gives events is otherwise", async () => {
  const { loop, requests } = loopWith({ noticing: NOTHING });
  loop.noticingChanged();
  await eventually(() => assert.equal(requests.length, 1), { pauseMs: 5 });
  loop.stop();
  assert.deepEqual(requests, [{ media: "all" }]);
});

Deno.test("ScanLoop does nothing once it is stopped", async () => {
  const { loop, requests, results } = loopWith({ intervalMs: 5 });
  const last = loop.now();
  loop.stop();
  await last;
  loop.changed();
  loop.setInterval(1);
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(requests.length, 1);
  assert.equal(results.length, 0);
});

function loopWith(
  { noticing = NOTHING, intervalMs = HOUR_MS }: {
    noticing?: Noticing;
    intervalMs?: number;
  },
) {
  const requests: ScanRequest[] = [];
  const results: unknown[] = [];
  const lines: string[] = [];
  const loop = new ScanLoop({
    scan: (request) => {
      requests.push(request);
      const how = { ok: true, problems: [], durationMs: 1, read: 0 };
      return Promise.resolve({ disks: null, ...how });
    },
    noticing: () => noticing,
    now: () => performance.now(),
    intervalMs,
    onResult: (result) => results.push(result),
    log: new Log({ level: "debug", format: "text" }, {
      write: (line) => void lines.push(line.slice(25).trimEnd()),
      timeOfDay: () => new Date(0),
    }),
  });
  return { loop, requests, results, lines };
}

function changedOf(request: ScanRequest): string[] {
  assert.equal(request.media, "changed");
  return request.media === "changed" ? [...request.knames] : [];
}
