import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { HistoryAnswers } from "../../../src/daemon/history_answers.ts";
import {
  FLUSH_AFTER_MS,
  HistoryKeeper,
  RETRY_HISTORY_MS,
} from "../../../src/daemon/history_keeper.ts";
import { Log } from "../../../src/daemon/log.ts";
import type { Change } from "../../../src/inventory/change.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { HistoryDb } from "../../../src/store/history/history_db.ts";
import { openHistory } from "../../../src/store/history/open_history.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { BETA, info, SELF, START } from "./history_site.ts";

const GAMMA = "c".repeat(32);
const root = makeDisk({ device: "/dev/sda1", label: "root", uuid: "1" });
const backup = makeDisk({ device: "/dev/sdb1", label: "backup", uuid: "2" });
const photos = makeDisk({ device: "/dev/sdc1", label: "photos", uuid: "3" });
const music = makeDisk({ device: "/dev/sdd1", label: "music", uuid: "4" });
const HOUR = 3_600_000;

Deno.test("a history that opens late takes in what was seen since the start", async () => {
  using site = new Site();
  await site.run({ from: 0 }, async ({ scan, hear, rows }) => {
    scan([root, backup, photos]);
    hear(BETA, [music]);
    await site.pass(10_000);
    assert.equal((await rows()).length, 4);
  });
  const lock = HistoryDb.open(site.path);
  await site.run({ from: HOUR }, async ({ scan, hear, rows, keeper, told }) => {
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

Deno.test("a history that opens late gives the inventory the past alone", async () => {
  using site = new Site();
  await site.run({ from: 0 }, async ({ scan, hear }) => {
    scan([root, backup]);
    hear(BETA, [music, photos]);
    await site.pass(5_000);
    scan([root]);
    await site.pass(5_000);
  });
  const lock = HistoryDb.open(site.path);
  await site.run({ from: HOUR }, async ({ scan, hear, inventory, told }) => {
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

Deno.test("a daemon that stops before its history could be opened stops at once", async () => {
  using site = new Site();
  const lock = HistoryDb.open(site.path);
  await site.run({ from: 0 }, async ({ scan }) => {
    scan([root]);
    await site.pass(3 * RETRY_HISTORY_MS);
  });
  lock.close();
  await site.pass(3 * RETRY_HISTORY_MS);
  HistoryDb.open(site.path).close();
});

/** Runs of a daemon with a file, each with a memory of its own. */
class Site {
  readonly path: string;
  readonly logged: string[] = [];
  startedAt = 0;
  readonly #time = new MockedTime();
  readonly #directory = Deno.makeTempDirSync({ prefix: "diskd-late-" });

  constructor() {
    this.path = `${this.#directory}/history.db`;
  }

  async run(
    { from }: { readonly from: number },
    act: (run: ReturnType<Site["made"]>) => Promise<void>,
  ): Promise<void> {
    this.startedAt = this.#time.now();
    const run = this.made(START + from);
    await run.keeper.start();
    await act(run);
    run.keeper.stop();
  }

  /** Timers may wait for the file. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await this.#time.pass(Math.min(1_000, ms - passed));
    }
  }

  made(startsAt: number) {
    const now = () => this.#time.now();
    const { startedAt, path } = this;
    const wallClock = () => startsAt + now() - startedAt;
    const clock = new Clock({ now, wallClock });
    const inventory = new Inventory(info(SELF, "alpha"));
    const keeper = new HistoryKeeper({
      open: () =>
        openHistory({ path, keepDays: 400, maxMegabytes: 16, wallClock }),
      size: () => null,
      inventory,
      clock,
      log: new Log({ level: "info", format: "text" }, {
        write: (line) => this.logged.push(line.slice(line.indexOf(" ")).trim()),
        timeOfDay: () => new Date(0),
      }),
    });
    const told: string[] = [];
    const take = (changes: readonly Change[]) => {
      for (const change of changes) {
        keeper.take(change);
        const { event, host, disk } = change;
        told.push(`${event} ${host.name} ${disk?.label ?? null}`);
      }
    };
    const answers = new HistoryAnswers({ keeper, inventory, clock });
    const at = (time: string | null) =>
      time === null ? "-" : Date.parse(time) - START;
    return {
      inventory,
      keeper,
      told: () => told.splice(0),
      scan: (disks: Disk[]) => take(inventory.applyScan(disks, now())),
      hear(id: string, disks: Disk[]): void {
        const host = info(id, id === BETA ? "beta" : "gamma");
        const from = { address: `10.0.0.${id === BETA ? 2 : 3}`, now: now() };
        take(inventory.applyAnnouncement(host, disks, from).changes);
      },
      async rows(): Promise<string[]> {
        const rows = await answers.history({});
        return rows.map(({ label, host, device, from, until }) =>
          `${label} ${host} ${device} ${at(from)} ${at(until)}`
        );
      },
    };
  }

  [Symbol.dispose]() {
    this.#time[Symbol.dispose]();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}
