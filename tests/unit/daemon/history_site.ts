import assert from "node:assert/strict";
import { Clock } from "../../../src/daemon/clocks.ts";
import { Finder } from "../../../src/daemon/find.ts";
import { HistoryAnswers } from "../../../src/daemon/history_answers.ts";
import { HistoryKeeper } from "../../../src/daemon/history_keeper.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { Log } from "../../../src/daemon/log.ts";
import type { SightingRow } from "../../../src/control/views.ts";
import type { Disk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { openHistory } from "../../../src/store/history/open_history.ts";

/** This host is alpha, the other one beta. */
export const SELF = "0".repeat(32);
export const BETA = "b".repeat(32);
/** When the clock says 0. */
export const START = Date.parse("2026-03-01T00:00:00Z");

/** The memory and the history of a daemon, with a clock that the test sets. */
export async function startHistorySite() {
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
    keeper,
    finder: new Finder({
      inventory,
      rows: new ListRows(inventory, clock),
      past: answers,
      clock,
    }),
    elapse(to: number): void {
      now = to;
    },
    scan(disks: Disk[], at: number): void {
      now = at;
      take(inventory.applyScan(disks, at));
    },
    hear(disks: Disk[] | null, at: number, host = info(BETA, "beta")): void {
      now = at;
      const from = { address: "10.0.0.2", now };
      take(inventory.applyAnnouncement(host, disks, from).changes);
    },
    silence(at: number): void {
      now = at;
      take(inventory.expire(at));
    },
    bye(at: number): void {
      now = at;
      take(inventory.applyGoodbye(BETA, at));
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

/** A host that announces itself. */
export function info(id: string, name: string) {
  return { id, name, version: "0.1.0", everyMs: 30_000 };
}
