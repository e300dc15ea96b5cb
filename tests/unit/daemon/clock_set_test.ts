import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { HistoryRuns } from "./history_runs.ts";
import { BETA, START } from "./history_site.ts";

const root = makeDisk({ device: "/dev/sda1", label: "root", uuid: "1" });
const backup = makeDisk({ device: "/dev/sdb1", label: "backup", uuid: "2" });
const music = makeDisk({ device: "/dev/sdd1", label: "music", uuid: "4" });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const IN_1970 = 20_000;
const IN_2099 = Date.parse("2099-01-01T00:00:00Z");

for (
  const [what, before, after] of [
    ["is set right in 1970", IN_1970, START],
    ["goes to 2099", START, IN_2099],
    ["goes back from 2099", IN_2099, START],
    ["goes back an hour", START + HOUR, START],
    ["goes ahead an hour", START, START + HOUR],
    ["goes back to 1970", START, IN_1970],
  ] as const
) {
  Deno.test(`when the clock ${what}, all of this run follows it`, async () => {
    using site = new HistoryRuns();
    site.wall = before;
    await site.run(async ({ scan, hear, ages, view, keeper }) => {
      scan([root, backup]);
      hear(BETA, [music]);
      await site.pass(10_000);
      scan([root]);
      await site.pass(10_000);
      const expected = [
        "music beta 20 -",
        "root alpha 20 -",
        "backup alpha 20 10",
      ];
      assert.deepEqual(await ages(), expected);
      site.wall = after;
      assert.deepEqual(await ages(), expected);
      const seen = view.find("backup").found.map(({ since, seenAt }) =>
        [since, seenAt].map((time) => (site.wall - Date.parse(time!)) / 1_000)
      );
      assert.deepEqual(seen, [[20, 10]]);
      assert.deepEqual(keeper.problems, []);
      await site.pass(10_000);
    });
    // Nor does the next run know another time.
    await site.run(async ({ ages, inventory, clock }) => {
      assert.deepEqual(await ages(), [
        // Heard no longer.
        "music beta 30 0",
        "root alpha 30 0",
        "backup alpha 30 20",
      ]);
      const [past] = [...inventory.detached()];
      const ageMs = site.wall - clock.wallTime(past!.seenAt);
      assert.equal(Math.round(ageMs / 1_000), 20);
    });
  });
}

for (
  const [what, start, set] of [
    ["starts in 1970", IN_1970, START + 3 * DAY],
    ["starts where it was saved", START - HOUR, START + 3 * DAY],
    ["starts a year ago", START - YEAR, START + 3 * DAY],
    ["is right", START + 3 * DAY, START + 3 * DAY + 60_000],
  ] as const
) {
  Deno.test(`a daemon that starts again where the clock ${what} tells no time to come, and what was stored is right again`, async () => {
    using site = new HistoryRuns();
    await site.run(async ({ scan, hear }) => {
      scan([root, backup]);
      hear(BETA, [music]);
      await site.pass(10_000);
      scan([root]);
      await site.pass(10_000);
    });
    site.wall = start;
    await site.run(async ({ scan, ages, view, told }) => {
      scan([root]);
      told();
      await site.pass(5_000);
      const isRight = start > START;
      const [a, b] = isRight ? [3 * 86_400 + 5, 3 * 86_400 - 15] : [25, 5];
      assert.deepEqual(await ages(), [
        `music beta ${a} ${b}`,
        `root alpha ${a} -`,
        `backup alpha ${a} ${b + 10}`,
      ]);
      scan([root, backup]);
      await site.pass(5_000);
      scan([root]);
      await site.pass(5_000);
      const listed = () => {
        const rows = view.list().decode();
        return rows.map(({ since }) =>
          Math.round(site.wall / 1e3 - Date.parse(since!) / 1e3)
        );
      };
      scan([root, backup]);
      assert.equal(listed()[1], 0);
      site.wall += set - start;
      assert.equal(listed()[1], 0, "what was listed before is dated anew");
      scan([root]);
      site.wall = set + 15_000;
      const since = (set - START) / 1_000 + 15;
      assert.deepEqual(await ages(), [
        `music beta ${since} ${since - 20}`,
        `root alpha ${since} -`,
        "backup alpha 0 0",
        "backup alpha 10 5",
        `backup alpha ${since} ${since - 10}`,
      ]);
      const row = view.find("backup").found[0]!;
      assert.equal(site.wall - Date.parse(row.seenAt), 0);
      const change = ["attached alpha backup", "detached alpha backup"];
      assert.deepEqual(told(), [...change, ...change]);
    });
  });
}

for (
  const [what, wrong] of [["2099", IN_2099], ["1970", IN_1970]] as const
) {
  Deno.test(`what an earlier run stored in ${what} is moved once the clock is right`, async () => {
    using site = new HistoryRuns();
    site.wall = wrong;
    await site.run(async ({ scan }) => {
      scan([root, backup]);
      await site.pass(10_000);
      scan([root]);
      await site.pass(10_000);
    });
    // Still wrong, but later set right.
    await site.run(async ({ scan, ages }) => {
      scan([root]);
      await site.pass(10_000);
      const expected = ["root alpha 30 -", "backup alpha 30 20"];
      assert.deepEqual(await ages(), expected);
      site.wall = START;
      assert.deepEqual(await ages(), expected);
    });
    await site.pass(HOUR / 60);
    site.wall = wrong + HOUR;
    await site.run(async ({ scan, ages }) => {
      scan([root]);
      const old = (await ages()).map((row) => Number(row.split(" ")[2]));
      assert.ok(old.every((seconds) => seconds <= 100), `${old}`);
    });
    site.wall = START + DAY;
    await site.run(async ({ scan, ages }) => {
      scan([root]);
      const old = (await ages()).map((row) => Number(row.split(" ")[2]));
      assert.ok(old.every((seconds) => 0 < seconds && seconds <= 86_400 + 100));
    });
  });
}

Deno.test("a run in a wrong time between two right ones is shown as just before", async () => {
  using site = new HistoryRuns();
  await site.run(async ({ scan }) => {
    scan([root, backup]);
    await site.pass(10_000);
  });
  site.wall = IN_2099;
  await site.run(async ({ scan, ages }) => {
    scan([root]);
    await site.pass(5_000);
    assert.deepEqual(await ages(), [
      "backup alpha 15 5",
      "root alpha 15 -",
    ]);
  });
  site.wall = START + DAY;
  await site.run(async ({ scan, ages }) => {
    scan([root]);
    assert.deepEqual(await ages(), [
      "root alpha 86400 -",
      "backup alpha 86400 86390",
    ]);
  });
});

Deno.test("what was stored in 1970 alone is not moved ahead of a clock that goes back", async () => {
  using site = new HistoryRuns();
  site.wall = IN_1970;
  await site.run(async ({ scan }) => {
    scan([root, backup]);
    await site.pass(5_000);
    scan([root]);
  });
  site.wall = START + HOUR;
  await site.run(async ({ scan, ages, view }) => {
    scan([root]);
    await site.pass(5_000);
    site.wall = START;
    assert.deepEqual(await ages(), ["root alpha 10 -", "backup alpha 10 5"]);
    const [row] = view.find("root").found;
    assert.equal(Math.round((site.wall - Date.parse(row!.since!)) / 1e3), 10);
  });
});

Deno.test("a sleep changes no time before it", async () => {
  using site = new HistoryRuns();
  await site.run(async ({ scan, ages, clock }) => {
    scan([root, backup]);
    await site.pass(10_000);
    scan([root]);
    await site.pass(1_000);
    site.sleep(8 * HOUR);
    clock.now();
    await site.pass(1_000);
    scan([root, music]);
    await site.pass(1_000);
    const slept = 8 * 3_600;
    assert.deepEqual(await ages(), [
      "music alpha 1 -",
      `root alpha ${slept + 13} -`,
      `backup alpha ${slept + 13} ${slept + 3}`,
    ]);
    site.wall = site.wall + HOUR;
    assert.deepEqual((await ages())[0], "music alpha 1 -");
  });
});

Deno.test("a pause of a virtual machine changes no time before it, unless the clock goes back", async () => {
  using site = new HistoryRuns();
  await site.run(async ({ scan, ages, clock }) => {
    scan([root, backup]);
    await site.pass(10_000);
    scan([root]);
    site.elapse(HOUR + 1);
    site.wall += 8 * HOUR;
    clock.now();
    const before = [`root alpha ${9 * 3_600 + 10} -`];
    before.push(`backup alpha ${9 * 3_600 + 10} ${9 * 3_600}`);
    assert.deepEqual(await ages(), before);
    scan([root, music]);
    await site.pass(5_000);
    scan([root]);
    await site.pass(5_000);
    assert.equal((await ages())[1], "music alpha 10 5");
    site.wall -= 8 * HOUR;
    const after = [`root alpha ${3_600 + 20} -`, "music alpha 10 5"];
    after.push(`backup alpha ${3_600 + 20} ${3_600 + 10}`);
    assert.deepEqual(await ages(), after);
  });
  await site.run(async ({ ages }) => {
    assert.deepEqual((await ages())[1], "music alpha 10 5");
  });
});

Deno.test("what this run stored is the same on the monotonic clock, whatever happened to the clock", async () => {
  using site = new HistoryRuns();
  await site.run(async ({ scan }) => {
    scan([root]);
    await site.pass(5_000);
  });
  site.wall = START - HOUR;
  await site.run(async ({ scan, clock }) => {
    scan([root]);
    const moments: number[] = [];
    for (let sleep = 0; sleep < 250; sleep++) {
      await site.pass(20);
      moments.push(clock.now());
      await site.pass(20);
      site.sleep(HOUR);
      clock.now();
    }
    site.wall += DAY;
    clock.now();
    for (const at of moments.slice(-150)) {
      const stored = clock.storedTime(at);
      assert.ok(Math.abs(clock.monotonicTime(stored) - at) <= 1);
      assert.equal(clock.shownTime(stored), clock.wallTime(at));
    }
    const newest = clock.wallTime(moments.at(-1)!);
    assert.equal(Math.round((site.wall - newest) / HOUR), 1);
  });
});

for (const wrong of [IN_2099, START + 9 * YEAR, IN_1970]) {
  const what = new Date(wrong).getUTCFullYear();
  Deno.test(`a clock in ${what} makes nothing too old`, async () => {
    using site = new HistoryRuns();
    site.keepDays = 10;
    await site.run(async ({ scan }) => {
      scan([root, backup]);
      await site.pass(5_000);
      scan([root]);
    });
    for (let run = 0; run < 3; run++) {
      site.wall = wrong + run * HOUR;
      await site.run(async ({ scan, ages }) => {
        scan([root]);
        await site.pass(100_000);
        assert.equal((await ages()).length, 2);
      });
    }
    site.wall = START + DAY;
    await site.run(async ({ scan, ages }) => {
      scan([root]);
      await site.pass(100_000);
      assert.equal((await ages()).length, 2);
    });
  });
}
