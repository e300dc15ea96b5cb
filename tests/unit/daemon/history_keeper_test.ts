import assert from "node:assert/strict";
import { NO_HISTORY, RpcError } from "../../../src/control/jsonrpc.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import {
  ALIVE_INTERVAL_MS,
  FLUSH_AFTER_MS,
  HistoryKeeper,
  RETRY_HISTORY_MS,
  TRIM_INTERVAL_MS,
  WRITTEN_AT_ONCE_BYTES,
  WRITTEN_PER_RECEIVED_BYTE,
} from "../../../src/daemon/history_keeper.ts";
import { Log } from "../../../src/daemon/log.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { FakeHistory } from "./fake_history.ts";

const backup = makeDisk({ device: "/dev/sdb1", uuid: "8261" });

Deno.test("HistoryKeeper writes some seconds after the first change, a step at a time", async () => {
  using site = await started();
  site.scan([backup]);
  await site.time.pass(FLUSH_AFTER_MS - 100);
  assert.ok(FLUSH_AFTER_MS < 5_000);
  assert.deepEqual(site.told(), ["began self uuid 8261  /dev/sdb1 1000"]);
  site.store.waiting = 3;
  await site.time.pass(200);
  assert.deepEqual(site.told(), ["flush", "flush", "flush"]);
  await site.time.pass(10_000);
  assert.deepEqual(site.told(), []);
});

Deno.test("HistoryKeeper notes every few minutes that the daemon runs", async () => {
  using site = await started();
  await site.time.pass(ALIVE_INTERVAL_MS + FLUSH_AFTER_MS);
  assert.deepEqual(
    site.told().filter((line) => !line.startsWith("trim")),
    // The wall clock shows 1 s when all that was done at the start is written.
    [`alive ${1_000 + ALIVE_INTERVAL_MS - FLUSH_AFTER_MS}`, "flush"],
  );
});

Deno.test("HistoryKeeper drops what is too old once an hour, a step at a time", async () => {
  using site = await started();
  site.store.toTrim = 3;
  const trims = () => site.told().filter((line) => line.startsWith("trim"));
  await site.time.pass(61_000);
  assert.equal(trims().length, 3);
  await site.time.pass(TRIM_INTERVAL_MS - 10_000);
  assert.equal(trims().length, 0);
  await site.time.pass(10_000);
  assert.equal(trims().length, 1);
});

Deno.test("HistoryKeeper writes all that waits when it stops, and nothing after that", async () => {
  using site = await started();
  site.scan([backup]);
  site.store.waiting = 2;
  site.keeper.stop();
  assert.deepEqual(site.told(), [
    "began self uuid 8261  /dev/sdb1 1000",
    "alive 1000",
    "flush",
    "flush",
    "flush",
    "close",
  ]);
  site.scan([]);
  await site.time.pass(100_000);
  assert.deepEqual(site.told(), []);
});

Deno.test("HistoryKeeper says once in the log and always in its problems what is wrong, and when it is mended", async () => {
  using site = await started();
  site.store.problem = "No space is left";
  site.scan([backup]);
  await site.time.pass(FLUSH_AFTER_MS + 2 * RETRY_HISTORY_MS);
  assert.deepEqual(site.keeper.problems, ["No space is left"]);
  assert.equal(site.keeper.view.problem, "No space is left");
  assert.deepEqual(site.logged(), ["warn  No space is left"]);
  assert.ok(site.told().filter((line) => line === "flush").length > 2);
  site.store.problem = null;
  await site.time.pass(RETRY_HISTORY_MS + 1);
  assert.deepEqual(site.keeper.problems, []);
  assert.deepEqual(site.logged(), ["info  history is kept again"]);
});

Deno.test("HistoryKeeper goes on when the store fails", async () => {
  using site = await started();
  site.store.failure = new Error("the disk is on fire");
  site.scan([backup]);
  await site.time.pass(FLUSH_AFTER_MS + 1);
  const sentence = "The history cannot be written: the disk is on fire";
  assert.deepEqual(site.keeper.problems, [sentence]);
  assert.throws(() => site.keeper.use((store) => store.flush()), {
    name: "RpcError",
    code: NO_HISTORY,
    message: "The history cannot be used: the disk is on fire",
  });
  site.store.failure = null;
  site.scan([]);
  assert.deepEqual(site.keeper.problems, []);
});

Deno.test("HistoryKeeper tells all that is known again to a store that lost something", async () => {
  using site = await started();
  site.scan([backup]);
  await site.time.pass(FLUSH_AFTER_MS);
  site.told();
  site.store.gaps = 1;
  site.keeper.use((store) => store.sightings({ limit: 1 }));
  await site.time.pass(FLUSH_AFTER_MS);
  assert.deepEqual(
    site.told().filter((line) => line !== "flush"),
    [
      `host self up 1000`,
      "listed self /dev/sdb1 1000",
      "began self uuid 8261  /dev/sdb1 1000",
    ],
  );
  await site.time.pass(2 * FLUSH_AFTER_MS);
  assert.deepEqual(site.told(), []);
});

Deno.test("HistoryKeeper records the present list of a host whose changes were left out, when it is told or stops", async () => {
  using site = await started();
  site.inventory.applyScan([backup], 0);
  const { self } = site.inventory;
  site.keeper.leaveOut(self);
  await site.time.pass(2 * FLUSH_AFTER_MS);
  assert.deepEqual(site.told(), []);
  const whole = [
    "host self up 1000",
    "listed self /dev/sdb1 1000",
    "began self uuid 8261  /dev/sdb1 1000",
  ];
  site.keeper.tellWhole(self);
  site.keeper.tellWhole(self);
  await site.time.pass(FLUSH_AFTER_MS);
  const isSaid = (line: string) => line !== "flush";
  assert.deepEqual(site.told().filter(isSaid), whole);
  site.keeper.leaveOut(self);
  site.keeper.stop();
  assert.deepEqual(site.told().filter(isSaid).slice(0, 3), whole);
});

Deno.test("HistoryKeeper records hosts whose changes were left out only as far as was received for it", async () => {
  using site = await started();
  assert.equal(site.keeper.isTight, false);
  site.store.flush = () => {
    site.store.written = WRITTEN_AT_ONCE_BYTES + 1_000_000;
    return false;
  };
  site.scan([backup]);
  await site.time.pass(FLUSH_AFTER_MS);
  assert.equal(site.keeper.isTight, true);
  site.keeper.tellWhole(site.inventory.self);
  await site.time.pass(10 * FLUSH_AFTER_MS);
  assert.equal(site.told().includes("host self up 1000"), false);
  site.keeper.received(1_000_000 / WRITTEN_PER_RECEIVED_BYTE);
  assert.equal(site.keeper.isTight, false);
  await site.time.pass(FLUSH_AFTER_MS);
  assert.ok(site.told().includes("host self up 1000"));
});

Deno.test("HistoryKeeper records a host once that is described anew again and again", async () => {
  using site = await started();
  const from = { address: "10.0.0.2", now: 0 };
  for (let i = 0; i < 1_000; i++) {
    const info = { ...site.inventory.self, id: "beta", name: `beta-${i}` };
    site.inventory.applyAnnouncement(info, null, from);
    site.keeper.noteHosts();
  }
  await site.time.pass(FLUSH_AFTER_MS);
  assert.deepEqual(
    site.told().filter((line) => line !== "flush"),
    ["host beta up 1000"],
  );
});

Deno.test("HistoryKeeper records all hosts that are described anew when it stops", async () => {
  using site = await started();
  const count = 300;
  for (let i = 0; i < count; i++) {
    const info = { ...site.inventory.self, id: `beta-${i}`, name: `beta-${i}` };
    const from = { address: `10.0.0.${i}`, now: 0 };
    site.inventory.applyAnnouncement(info, null, from);
  }
  // Nobody noted the last of them before the stop.
  site.keeper.stop();
  const hosts = site.told().filter((line) => line.startsWith("host beta-"));
  assert.equal(hosts.length, count);
});

Deno.test("HistoryKeeper gives the inventory what was known", async () => {
  const store = new FakeHistory();
  const host = {
    hostId: "b",
    name: "beta",
    state: "up",
    heardAt: 400,
  } as const;
  const disk = { ...backup, name: "uuid 8261 " };
  const sighting = {
    disk,
    host,
    device: "/dev/sdx1",
    label: null,
    mounts: ["/mnt"],
    place: { circumstances: {}, drives: [] },
    from: 100,
    until: null,
  };
  store.restored = {
    hosts: [{
      host: {
        ...host,
        version: "0.1.0",
        addresses: [],
        everyMs: 30_000,
        isProven: true,
      },
      sightings: [sighting],
    }],
    past: [{
      ...sighting,
      disk: { ...disk, name: "uuid 1 ", uuid: "1" },
      from: 50,
      until: 60,
    }],
  };
  using site = await started(store);
  const beta = site.inventory.host("b")!;
  assert.deepEqual([beta.name, beta.liveness, beta.heardAt], [
    "beta",
    "stale",
    -600,
  ]);
  assert.deepEqual(beta.disks.map(({ device }) => device), ["/dev/sdx1"]);
  const [past] = [...site.inventory.past()];
  assert.deepEqual([past!.disk.uuid, past!.host.name, past!.seenAt], [
    "1",
    "beta",
    -940,
  ]);
});

Deno.test("HistoryKeeper without a history keeps everybody else going, and says why", async () => {
  for (
    const [open, expected] of [
      [null, "The history is switched off (noHistory)"],
      [
        () =>
          Promise.resolve({ history: null, problem: "history.db is locked" }),
        "history.db is locked",
      ],
    ] as const
  ) {
    using site = setUp(open);
    await site.keeper.start();
    site.scan([backup]);
    site.keeper.identityChanged();
    assert.equal(site.keeper.view.on, false);
    assert.throws(
      () => site.keeper.use((store) => store.flush()),
      new RpcError(NO_HISTORY, expected),
    );
    assert.deepEqual(
      site.keeper.problems,
      open === null ? [] : ["history.db is locked"],
    );
    assert.equal(site.logged().length, 1);
    site.keeper.stop();
  }
});

Deno.test("HistoryKeeper measures the longest step", async () => {
  using site = await started();
  assert.equal(site.keeper.view.longestMs, 0);
  site.keeper.use(() => site.elapse(12));
  site.keeper.use(() => site.elapse(3));
  assert.equal(site.keeper.view.longestMs, 12);
});

async function started(store = new FakeHistory()) {
  const site = setUp(() => Promise.resolve({ history: store, problem: null }));
  await site.keeper.start();
  await site.time.pass(FLUSH_AFTER_MS);
  site.elapse(-FLUSH_AFTER_MS);
  const told = () => store.told.splice(0);
  told();
  return { ...site, store, told, [Symbol.dispose]: site[Symbol.dispose] };
}

function setUp(open: ConstructorParameters<typeof HistoryKeeper>[0]["open"]) {
  const time = new MockedTime();
  let elapsedMs = 0;
  const now = () => time.now() + elapsedMs;
  const inventory = new Inventory({
    id: "self",
    name: "alpha",
    version: "0.1.0",
    everyMs: 30_000,
  });
  const lines: string[] = [];
  const keeper = new HistoryKeeper({
    open,
    size: () => 4096,
    inventory,
    clock: new Clock({ now, wallClock: () => now() + 1_000 }),
    log: new Log({ level: "debug", format: "text" }, {
      write: (line) => lines.push(line),
      timeOfDay: () => new Date(0),
    }),
  });
  return {
    time,
    inventory,
    keeper,
    /** Time goes by without a timer. */
    elapse(ms: number): void {
      elapsedMs += ms;
    },
    logged: () =>
      lines.splice(0).map((line) => line.slice(line.indexOf(" ") + 1).trim()),
    scan(disks: Parameters<typeof inventory.applyScan>[0]): void {
      for (const change of inventory.applyScan(disks, now())) {
        keeper.take(change);
      }
    },
    [Symbol.dispose]() {
      keeper.stop();
      time[Symbol.dispose]();
    },
  };
}
