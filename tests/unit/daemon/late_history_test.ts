import assert from "node:assert/strict";
import {
  FLUSH_AFTER_MS,
  RETRY_HISTORY_MS,
} from "../../../src/daemon/history_keeper.ts";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { HistoryDb } from "../../../src/store/history/history_db.ts";
import { HistoryRuns } from "./history_runs.ts";
import { BETA, SELF, START } from "./history_site.ts";

const GAMMA = "c".repeat(32);
const root = makeDisk({ device: "/dev/sda1", label: "root", uuid: "1" });
const backup = makeDisk({ device: "/dev/sdb1", label: "backup", uuid: "2" });
const photos = makeDisk({ device: "/dev/sdc1", label: "photos", uuid: "3" });
const music = makeDisk({ device: "/dev/sdd1", label: "music", uuid: "4" });
const HOUR = 3_600_000;

Deno.test("a history that opens late takes in what was seen since the start", async () => {
  using site = new HistoryRuns();
  await site.run(async ({ scan, hear, rows }) => {
    scan([root, backup, photos]);
    hear(BETA, [music]);
    await site.pass(10_000);
    assert.equal((await rows()).length, 4);
  });
  const lock = HistoryDb.open(site.path);
  site.wall = START + HOUR;
  await site.run(async ({ scan, hear, rows, keeper, told }) => {
    assert.match(keeper.view.problem ?? "", /is in use by another process/);
    // root stays, backup is on another device, photos is gone.
    const renamed = { ...backup, device: "/dev/sde1" };
    const stick = makeDisk({ device: "/dev/sdf1", uuid: "5", label: "stick" });
    scan([root, renamed, stick]);
    await site.pass(5_000);
    scan([root, renamed]);
    hear(GAMMA, [{ ...music, device: "/dev/sdx1" }]);
    told();
    lock.close();
    await site.pass(RETRY_HISTORY_MS + FLUSH_AFTER_MS);
    assert.deepEqual(keeper.problems, []);
    assert.equal(keeper.view.on, true);
    assert.equal(site.logged.at(-1), "info  history is kept again");
    assert.deepEqual(told(), [], "no change is told");
    assert.deepEqual(await rows(), [
      "music gamma /dev/sdx1 3605000 -",
      "backup alpha /dev/sde1 0 -",
      "root alpha /dev/sda1 0 -",
      "stick alpha /dev/sdf1 3600000 3605000",
      // Until the stop of the first run.
      "music beta /dev/sdd1 0 10000",
      "photos alpha /dev/sdc1 0 10000",
    ]);
  });
});

for (const isLate of [false, true]) {
  Deno.test(`a history from before keys goes on under the keys, ${isLate ? "opened late" : "opened at the start"}`, async () => {
    using site = new HistoryRuns();
    await site.run(async ({ scan, hear }) => {
      scan([root, photos]);
      hear(BETA, [music, backup]);
      await site.pass(5_000);
      scan([root]);
      hear(BETA, [music]);
      await site.pass(5_000);
    });
    const db = HistoryDb.open(site.path);
    db.run("UPDATE hosts SET proven = 0", []);
    if (!isLate) db.close();
    const [alphaKey, betaKey] = ["1".repeat(32), "2".repeat(32)];
    site.was = [SELF];
    site.selfId = alphaKey;
    site.wall = START + HOUR;
    for (let run = 0; run < 2; run++) {
      await site.run(
        async ({ scan, hear, answers, inventory, told, keeper }) => {
          scan([root]);
          hear(betaKey, [music], "beta");
          keeper.noteHosts();
          if (isLate && run === 0) db.close();
          await site.pass(RETRY_HISTORY_MS + FLUSH_AFTER_MS);
          assert.deepEqual(keeper.problems, []);
          const events = told().filter((event) => /moved|detached/.test(event));
          assert.deepEqual(events, []);
          assert.deepEqual(
            [...inventory.hosts()].map(({ id }) => id),
            [alphaKey, betaKey],
          );
          const rows = await answers.history({});
          assert.deepEqual(
            rows.map(({ label, hostId }) => `${label} ${hostId}`).sort(),
            [
              `backup ${betaKey}`,
              `music ${betaKey}`,
              `photos ${alphaKey}`,
              `root ${alphaKey}`,
            ],
          );
          assert.deepEqual(
            rows.filter(({ until }) => until === null).length,
            2,
          );
        },
      );
    }
  });
}

Deno.test("a history that opens late gives the inventory the past alone", async () => {
  using site = new HistoryRuns();
  await site.run(async ({ scan, hear }) => {
    scan([root, backup]);
    hear(BETA, [music, photos]);
    await site.pass(5_000);
    scan([root]);
    await site.pass(5_000);
  });
  const lock = HistoryDb.open(site.path);
  site.wall = START + HOUR;
  await site.run(async ({ scan, hear, inventory, told }) => {
    scan([root]);
    hear(GAMMA, [photos]);
    lock.close();
    await site.pass(RETRY_HISTORY_MS + FLUSH_AFTER_MS);
    const since = inventory.self.since.map((at) => at - site.startedAt);
    assert.deepEqual(since, [-HOUR], "the disk is there since the first run");
    assert.deepEqual(
      [...inventory.detached()].map(({ disk, seenAt }) => [disk.label, seenAt]),
      [["backup", site.startedAt - HOUR + 5_000]],
    );
    const beta = inventory.host(BETA)!;
    assert.deepEqual(
      [beta.liveness, beta.disks.map(({ label }) => label)],
      ["stale", ["music"]],
    );
    told();
    hear(BETA, [music]);
    assert.deepEqual(told(), ["host-up beta null"]);
  });
});

for (const setBefore of [true, false]) {
  const when = setBefore ? "before" : "after";
  Deno.test(`a clock that is set right ${when} the history opens late dates all of it`, async () => {
    using site = new HistoryRuns();
    await site.run(async ({ scan }) => {
      scan([root, photos]);
      await site.pass(10_000);
    });
    const lock = HistoryDb.open(site.path);
    site.wall = 20_000; // In 1970.
    await site.run(async ({ scan, ages }) => {
      scan([root, backup]);
      await site.pass(5_000);
      scan([root]);
      const right = () => site.wall = START + HOUR + 5_000;
      if (setBefore) right();
      lock.close();
      await site.pass(RETRY_HISTORY_MS);
      if (!setBefore) {
        const now = RETRY_HISTORY_MS / 1_000 + 5;
        assert.deepEqual(await ages(), [
          `root alpha ${now + 10} -`,
          `backup alpha ${now} ${now - 5}`,
          `photos alpha ${now + 10} ${now}`,
        ]);
        right();
      }
      const since = (site.wall - START) / 1_000;
      const run = RETRY_HISTORY_MS / 1_000 + 5;
      assert.deepEqual(await ages(), [
        `root alpha ${since} -`,
        `backup alpha ${run} ${run - 5}`,
        `photos alpha ${since} ${since - 10}`,
      ]);
    });
  });
}

Deno.test("of too many changes before a history opens the last are kept, and all that is there now", async () => {
  using site = new HistoryRuns();
  const lock = HistoryDb.open(site.path);
  await site.run(async ({ scan, rows }) => {
    scan([root, photos]);
    for (let i = 0; i < 2_600; i++) {
      scan([root, photos, backup]);
      scan([root, photos]);
    }
    lock.close();
    await site.pass(RETRY_HISTORY_MS + 2 * FLUSH_AFTER_MS);
    const open = (await rows()).filter((row) => row.endsWith(" -"));
    assert.deepEqual(open.sort(), [
      "photos alpha /dev/sdc1 0 -",
      "root alpha /dev/sda1 0 -",
    ]);
  });
});

Deno.test("a daemon that stops before its history could be opened stops at once", async () => {
  using site = new HistoryRuns();
  const lock = HistoryDb.open(site.path);
  await site.run(async ({ scan }) => {
    scan([root]);
    await site.pass(3 * RETRY_HISTORY_MS);
  });
  lock.close();
  await site.pass(3 * RETRY_HISTORY_MS);
  HistoryDb.open(site.path).close();
});
