import { Clock } from "../../../src/daemon/clocks.ts";
import { HistoryAnswers } from "../../../src/daemon/history_answers.ts";
import { HistoryKeeper } from "../../../src/daemon/history_keeper.ts";
import { ListRows } from "../../../src/daemon/list_rows.ts";
import { Log } from "../../../src/daemon/log.ts";
import type { Change } from "../../../src/inventory/change.ts";
import type { Disk } from "../../../src/inventory/disk.ts";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { openHistory } from "../../../src/store/history/open_history.ts";
import { MockedTime } from "../../support/mocked_time.ts";
import { BETA, info, SELF, START } from "./history_site.ts";

/** Runs of a daemon with a file, each with a memory of its own. */
export class HistoryRuns {
  readonly path: string;
  readonly logged: string[] = [];
  /** Of the present run. Monotonic ms. */
  startedAt = 0;
  keepDays = 400;
  /** The id of this host, and those that it had. */
  selfId: string = SELF;
  was: readonly string[] = [];
  #wallOffsetMs = START;
  #sleptMs = 0;
  #elapsedMs = 0;
  readonly #time = new MockedTime();
  readonly #directory = Deno.makeTempDirSync({ prefix: "diskd-late-" });

  constructor() {
    this.path = `${this.#directory}/history.db`;
  }

  /** Ms since 1970. */
  get wall(): number {
    return this.#now() + this.#wallOffsetMs;
  }

  /** Sets the clock. */
  set wall(ms: number) {
    this.#wallOffsetMs = ms - this.#now();
  }

  /** Time goes by without a timer. */
  elapse(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** The machine sleeps. */
  sleep(ms: number): void {
    this.#wallOffsetMs += ms;
    this.#sleptMs += ms;
  }

  async run(
    act: (run: ReturnType<HistoryRuns["made"]>) => Promise<void>,
  ): Promise<void> {
    this.startedAt = this.#now();
    const run = this.made();
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

  made() {
    const now = () => this.#now();
    const { path, keepDays } = this;
    const wallClock = () => this.wall;
    const uptime = () => Math.floor((now() + this.#sleptMs) / 1_000) * 1_000;
    const clock = new Clock({ now, wallClock, uptime });
    const inventory = new Inventory(info(this.selfId, "alpha"));
    const keeper = new HistoryKeeper({
      open: () => openHistory({ path, keepDays, maxMegabytes: 16, wallClock }),
      size: () => null,
      inventory,
      clock,
      was: this.was,
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
      clock,
      answers,
      view: new ListRows(inventory, clock),
      told: () => told.splice(0),
      scan: (disks: Disk[]) => take(inventory.applyScan(disks, now())),
      hear(
        id: string,
        disks: Disk[],
        name = id === BETA ? "beta" : "gamma",
      ): void {
        const host = info(id, name);
        const from = { address: `10.0.0.${id === BETA ? 2 : 3}`, now: now() };
        take(inventory.applyAnnouncement(host, disks, from).changes);
      },
      /** Label, host, and how many seconds ago each sighting began and ended. */
      ages: async (): Promise<string[]> => {
        const rows = await answers.history({});
        const age = (time: string | null) =>
          time === null
            ? "-"
            : Math.round((this.wall - Date.parse(time)) / 1e3);
        return rows.map(({ label, host, from, until }) =>
          `${label} ${host} ${age(from)} ${age(until)}`
        );
      },
      async rows(): Promise<string[]> {
        const rows = await answers.history({});
        return rows.map(({ label, host, device, from, until }) =>
          `${label} ${host} ${device} ${at(from)} ${at(until)}`
        );
      },
    };
  }

  #now(): number {
    return this.#time.now() + this.#elapsedMs;
  }

  [Symbol.dispose]() {
    this.#time[Symbol.dispose]();
    Deno.removeSync(this.#directory, { recursive: true });
  }
}
