import assert from "node:assert/strict";
import { INVALID_PARAMS } from "../../../src/control/jsonrpc.ts";
import type { SightingRow } from "../../../src/control/views.ts";
import { Clock } from "../../../src/daemon/clocks.ts";
import {
  EXPORT_PAGE_ROWS,
  HistoryAnswers,
} from "../../../src/daemon/history_answers.ts";
import { HistoryKeeper } from "../../../src/daemon/history_keeper.ts";
import { Log } from "../../../src/daemon/log.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { openHistory } from "../../../src/store/history/open_history.ts";
import { sightingRow } from "../render/rows.ts";

const SELF = "0".repeat(32);
const BETA = "b".repeat(32);
const START = Date.parse("2026-03-01T00:00:00Z");

const backup = makeDisk({
  device: "/dev/sdb1",
  uuid: "8261f666-1111",
  label: "backup",
  size: 4096,
});

Deno.test("history() tells where a disk has been, newest first", async () => {
  using site = await started();
  site.hear([{ ...backup, mounts: ["/mnt"] }], 1_000);
  site.hear([], 5_000);
  site.scan([{ ...backup, device: "/dev/sdc1" }], 6_000);
  site.elapse(9_000);
  const rows = await site.answers.history({ name: "backup" });
  assert.deepEqual(rows.map(shown), [
    "alpha /dev/sdc1 attached 00:06 now 00:09 -",
    "beta /dev/sdb1 detached 00:01 00:05 00:05 /mnt",
  ]);
  assert.deepEqual(rows[0], {
    ...rows[0],
    hostId: SELF,
    uuid: "8261f666-1111",
    label: "backup",
    size: 4096,
    serial: null,
  });
});

Deno.test("history() ends with a silent host, and takes it up again when that is back", async () => {
  using site = await started();
  site.hear([backup], 1_000);
  site.silence(200_000);
  const row = async () => shown((await site.answers.history({}))[0]!);
  assert.equal(await row(), "beta /dev/sdb1 stale 00:01 00:01 00:01 -");
  site.hear(null, 210_000);
  assert.equal(await row(), "beta /dev/sdb1 attached 00:01 now 03:30 -");
});

Deno.test("history() finds hosts by name, in any case, and by id", async () => {
  using site = await started();
  site.hear([backup], 1_000);
  site.scan([{ ...backup, uuid: "2", label: null }], 2_000);
  for (const host of ["beta", "BETA", BETA]) {
    const rows = await site.answers.history({ host });
    assert.deepEqual(rows.map(({ host }) => host), ["beta"]);
  }
  assert.deepEqual(await site.answers.history({ host: "nobody" }), []);
  const both = await site.answers.history({ host: "alpha", name: "backup" });
  assert.deepEqual(both, []);
});

Deno.test("history() tells as much as it is asked for", async () => {
  using site = await started();
  for (let at = 1_000; at < 10_000; at += 2_000) {
    site.scan([backup], at);
    site.scan([], at + 1_000);
  }
  site.elapse(20_000);
  const all = await site.answers.history({ name: "8261" });
  assert.equal(all.length, 5);
  const newest = await site.answers.history({ limit: 2 });
  assert.deepEqual(newest, all.slice(0, 2));
  const since = new Date(START + 7_500).toISOString();
  const late = await site.answers.history({ name: "backup", since });
  assert.deepEqual(late, all.slice(0, 2));
  assert.deepEqual(await site.answers.history({ name: "none" }), []);
});

Deno.test("what one history exports another imports, once", async () => {
  using from = await started();
  from.hear([backup], 1_000);
  from.hear([], 5_000);
  const disks = Array.from(
    { length: EXPORT_PAGE_ROWS + 10 },
    (_, index) => makeDisk({ device: `/dev/x${index}`, uuid: `uuid-${index}` }),
  );
  from.scan(disks, 6_000);
  from.elapse(9_000);
  const pages = await from.export();
  assert.equal(pages.length, 2);
  using to = await started();
  to.elapse(10_000);
  const rows = pages.flat();
  assert.equal(rows.length, disks.length + 1);
  assert.deepEqual(to.answers.merge({ rows }), {
    added: rows.length,
    extended: 0,
    known: 0,
  });
  assert.deepEqual(to.answers.merge({ rows }), {
    added: 0,
    extended: 0,
    known: rows.length,
  });
  const [row] = await to.answers.history({ name: "uuid-7" });
  assert.equal(shown(row!), "alpha /dev/x7 detached 00:06 00:09 00:09 -");
  assert.equal(to.inventory.host(BETA), undefined);
});

Deno.test("where() tells the last place of a disk that only the history knows", async () => {
  using site = await started();
  assert.deepEqual(site.answers.where("imported"), []);
  const early = { label: "imported", uuid: "u1", hostId: BETA, host: "beta" };
  site.answers.merge({
    rows: [
      sightingRow({ ...early, device: "/dev/sdx" }),
      sightingRow({
        ...early,
        device: "/dev/sdy",
        from: "2025-05-01T00:00:00.000Z",
        until: "2025-05-02T00:00:00.000Z",
        seenAt: "2025-05-02T00:00:00.000Z",
        state: "detached",
      }),
    ],
  });
  const rows = site.answers.where("IMPORTED");
  assert.equal(rows.length, 1);
  const [row] = rows;
  const { host, state, address, mounts_ro, holders } = row!;
  assert.deepEqual([host, address, mounts_ro, holders], ["beta", null, [], []]);
  assert.notEqual(state, "attached");
  const [newest] = await site.answers.history({ name: "imported" });
  assert.deepEqual(
    [row!.device, row!.since, row!.seenAt],
    [newest!.device, newest!.from, newest!.seenAt],
  );
});

Deno.test("merge() takes in all of its rows, or none, and says which one is wrong", async () => {
  using site = await started();
  const rows = [sightingRow(), sightingRow({ from: "never" })];
  assert.throws(() => site.answers.merge({ rows }), {
    name: "RpcError",
    code: INVALID_PARAMS,
    message: /^rows\.1: from is "never", expected a time/,
  });
  assert.deepEqual(await site.answers.history({}), []);
});

/** `host device state from until seenAt mounts`, times as minutes and seconds. */
function shown(row: SightingRow): string {
  const time = (text: string | null) => text?.slice(14, 19) ?? "now";
  const { host, device, state, from, until, seenAt, mounts } = row;
  return [
    host,
    device,
    state,
    time(from),
    time(until),
    time(seenAt),
    mounts.join() || "-",
  ].join(" ");
}

async function started() {
  const directory = Deno.makeTempDirSync({ prefix: "diskd-history-" });
  let now = 0;
  const clock = new Clock({ now: () => now, wallClock: () => START + now });
  const inventory = new Inventory(info(SELF, "alpha"));
  const keeper = new HistoryKeeper({
    open: () =>
      openHistory({
        path: `${directory}/history.db`,
        keepDays: 400,
        maxMegabytes: 16,
        wallClock: () => START + now,
      }),
    size: () => null,
    inventory,
    clock,
    log: new Log({ level: "warn", format: "text" }, {
      write: assert.fail,
      timeOfDay: () => new Date(0),
    }),
  });
  await keeper.start();
  const answers = new HistoryAnswers({ keeper, inventory, clock });
  const take = (changes: readonly Parameters<typeof keeper.take>[0][]) => {
    for (const change of changes) keeper.take(change);
  };
  return {
    inventory,
    answers,
    elapse(to: number): void {
      now = to;
    },
    scan(disks: Disk[], at: number): void {
      now = at;
      take(inventory.applyScan(disks, at));
    },
    hear(disks: Disk[] | null, at: number): void {
      now = at;
      const from = { address: "10.0.0.2", now };
      const beta = info(BETA, "beta");
      take(inventory.applyAnnouncement(beta, disks, from).changes);
    },
    silence(at: number): void {
      now = at;
      take(inventory.expire(at));
    },
    async export(): Promise<(readonly SightingRow[])[]> {
      const pages = [];
      for (let after: number | null = 0; after !== null;) {
        const { rows, next } = await answers.page({ after });
        pages.push(rows);
        after = next;
      }
      return pages;
    },
    [Symbol.dispose]() {
      keeper.stop();
      Deno.removeSync(directory, { recursive: true });
    },
  };
}

function info(id: string, name: string) {
  return { id, name, version: "0.1.0", everyMs: 30_000 };
}
