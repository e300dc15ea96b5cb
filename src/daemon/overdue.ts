/** Looks from time to time which disks were not seen for longer than they may, and tells that once. */
import { type ExpectEntry, showChoice } from "../config/expect_setting.ts";
import type { OverdueRow } from "../control/notify_views.ts";
import type { ForgetView } from "../control/views.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { resolveDisks } from "../inventory/resolve.ts";
import { type Notice, overdueNotice, sayOverdue } from "../render/notice.ts";
import {
  type ExpectedDisk,
  namesOf,
  parseExpected,
  writeExpected,
} from "../store/expected_file.ts";
import { reasonOf } from "../system/reason.ts";
import type { Clock } from "./clocks.ts";
import type { Choosable } from "./disk_choice.ts";
import {
  choicesIn,
  expectedBy,
  type ExpectedParts,
  type ExpectedPlace,
  MAX_EXPECTED,
} from "./expected_disks.ts";
import { type Log, ProblemLog } from "./log.ts";
import { saidOf } from "./said_of.ts";
import { isBelieved } from "./stored_times.ts";
import { letOthersRun, TURN_MS } from "./tasks.ts";

/** Time between looks, at most and at least. */
export const OVERDUE_INTERVAL_MS = 60_000;
const MIN_LOOK_INTERVAL_MS = 1_000;
/** Time without a look after one, in multiples of what that took. */
const LOOK_PAUSE = 20;
/** Time after which what is kept is written though nothing but times are news. */
export const SAVE_EXPECTED_MS = 3_600_000;
/** Others know a host as silent after three of its intervals; until then a disk may be on one that was not heard yet. */
const SETTLED_AFTER_INTERVALS = 3;
/** A clock that is set back a little makes nothing overdue twice. */
const SEEN_AGAIN_SHARE = 0.9;

interface OverdueOptions extends ExpectedParts {
  readonly expect: readonly ExpectEntry[];
  readonly announceIntervalMs: number;
  readonly inventory: Pick<Inventory, "remarks" | "uniqueName" | "host">;
  readonly clock: Pick<Clock, "now" | "wallTime">;
  readonly path: string;
  readonly readText: (path: string) => string | null;
  /** Returns whether anybody is told. */
  readonly tell: (
    disk: Choosable,
    told: { readonly notice: Notice; readonly onTaken: () => void },
  ) => boolean;
  readonly log: Log;
}

type KeptDisk = { -readonly [Key in keyof ExpectedDisk]: ExpectedDisk[Key] };

export class OverdueWatch {
  readonly #options: OverdueOptions;
  readonly #problemLog: ProblemLog;
  readonly #kept = new Map<string, KeptDisk>();
  /** Told in this run, but perhaps not taken by anybody. */
  readonly #told = new Set<string>();
  #expect: readonly ExpectEntry[];
  #announceIntervalMs: number;
  #rows: readonly OverdueRow[] = [];
  #isCut = false;
  /** Monotonic ms. */
  #settledAt = Infinity;
  #looking: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lookAt = Infinity;
  /** Until then there is no look, so that they take little of the processor. */
  #pauseUntil = -Infinity;
  #isStopped = false;
  #isNews = false;
  #savedAt = -Infinity;
  #writeProblem: string | null = null;

  constructor(options: OverdueOptions) {
    this.#options = options;
    this.#expect = options.expect;
    this.#announceIntervalMs = options.announceIntervalMs;
    this.#problemLog = new ProblemLog(options.log, "expected disks are kept");
  }

  start(): void {
    const { path, readText } = this.#options;
    for (const disk of parseExpected(readText(path) ?? "")) {
      this.#kept.set(disk.key, { ...disk });
    }
    this.awoken();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    if (this.#kept.size > 0) this.#save();
  }

  configure(
    { expect, announceIntervalMs }: Pick<
      OverdueOptions,
      "expect" | "announceIntervalMs"
    >,
  ): void {
    this.#expect = expect;
    this.#announceIntervalMs = announceIntervalMs;
    this.#lookIn(0);
  }

  /** Other hosts were not heard for a while, because this one was off. */
  awoken(): void {
    this.#settledAt = this.#options.clock.now() +
      SETTLED_AFTER_INTERVALS * this.#announceIntervalMs;
    this.#lookIn(MIN_LOOK_INTERVAL_MS);
  }

  /** A disk came, left, or is called otherwise. */
  changed(): void {
    this.#lookIn(MIN_LOOK_INTERVAL_MS);
  }

  /** Drops what is kept of disks that the user has forgotten. */
  forget(name: string, { hosts }: Pick<ForgetView, "hosts">): void {
    const gone = new Set(hosts.map(({ hostId }) => hostId));
    const { found } = resolveDisks(name, this.#kept.values(), {
      diskOf: ({ names }) => ({
        ...names,
        alias: saidOf(names, this.#options.inventory.remarks).alias,
      }),
    });
    for (const disk of this.#kept.values()) {
      const isGone = found.includes(disk) ||
        (disk.seen !== null && gone.has(disk.seen.hostId));
      if (isGone) this.#drop(disk.key);
    }
    this.#lookIn(MIN_LOOK_INTERVAL_MS);
  }

  /** Of the last look; by the time that they are due, the earliest first. */
  get overdue(): readonly OverdueRow[] {
    return this.#rows.filter(({ overdue }) => overdue);
  }

  /** Of a look now, or a moment ago if looks take long. */
  async list({ all = false }: { readonly all?: boolean }): Promise<
    readonly OverdueRow[]
  > {
    if (this.#options.clock.now() >= this.#pauseUntil) await this.look();
    return all ? this.#rows : this.overdue;
  }

  /** Whether any disk is expected. */
  get isUsed(): boolean {
    return this.#expect.length > 0;
  }

  /** Faults for an administrator to fix, a sentence each. */
  get problems(): string[] {
    return [
      ...(this.#writeProblem === null ? [] : [this.#writeProblem]),
      ...(this.#isCut
        ? [
          `expect means more than ${MAX_EXPECTED} disks; only these many are watched`,
        ]
        : []),
    ];
  }

  /** Looks now; one look at a time. */
  look(): Promise<void> {
    const { clock } = this.#options;
    const startedAt = clock.now();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
      const now = clock.now();
      this.#pauseUntil = now + LOOK_PAUSE * (now - startedAt);
      const settlesInMs = this.#settledAt - now;
      this.#lookIn(
        settlesInMs > 0
          ? Math.min(settlesInMs, this.#intervalMs)
          : this.#intervalMs,
      );
    });
    return this.#looking;
  }

  /** Unless a look is due earlier. */
  #lookIn(ms: number): void {
    if (this.#isStopped || (!this.isUsed && this.#kept.size === 0)) return;
    const now = this.#options.clock.now();
    const at = Math.max(now + ms, this.#pauseUntil);
    if (at >= this.#lookAt) return;
    this.#lookAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#lookAt = Infinity;
      this.look().catch((error) =>
        this.#options.log.error(
          "the look for overdue disks failed, which is a bug in diskd",
          { error: String(error) },
        )
      );
    }, at - now);
  }

  /** Short periods, as in tests, want more looks. */
  get #intervalMs(): number {
    const shortest = Math.min(
      ...this.#expect.map(({ seenEveryMs }) => seenEveryMs),
    );
    return Math.max(
      MIN_LOOK_INTERVAL_MS,
      Math.min(OVERDUE_INTERVAL_MS, shortest / 10),
    );
  }

  async #look(): Promise<void> {
    const disks = await this.#find();
    const now = this.#options.clock.wallTime(this.#options.clock.now());
    // A machine without a clock of its own starts in the past.
    if (this.#isStopped || !isBelieved(now)) return;
    for (const key of this.#kept.keys()) {
      if (!disks.has(key)) this.#drop(key);
    }
    this.#rows = [...disks.values()].map((disk) => this.#judge(disk, now))
      .sort((a, b) => a.dueAt < b.dueAt ? -1 : 1);
    const isOld = now - this.#savedAt >= SAVE_EXPECTED_MS;
    if (this.#isNews || (isOld && this.#kept.size > 0)) this.#save();
  }

  /** All that is expected, each disk once, with its shortest period. Others run in between. */
  async #find(): Promise<Map<string, ExpectedPlace>> {
    const { clock } = this.#options;
    const found = new Map<string, ExpectedPlace>();
    let endsAt = clock.now() + TURN_MS;
    this.#isCut = false;
    for (const { choice, everyMs } of choicesIn(this.#expect)) {
      const known = { everyMs, kept: this.#kept, parts: this.#options };
      const { disks, more } = expectedBy(choice, known);
      if (more > 0) this.#isCut = true;
      for (const disk of disks) {
        const other = found.get(disk.key);
        if (other !== undefined && other.everyMs <= everyMs) continue;
        if (other === undefined && found.size >= MAX_EXPECTED) {
          this.#isCut = true;
          continue;
        }
        found.set(disk.key, disk);
      }
      if (clock.now() < endsAt) continue;
      await letOthersRun();
      endsAt = clock.now() + TURN_MS;
    }
    return found;
  }

  #judge(disk: ExpectedPlace, now: number): OverdueRow {
    const kept = this.#keep(disk, now);
    const isAttached = disk.row?.state === "attached";
    const lastAt = kept.seen?.at ?? kept.since;
    const age = isAttached ? 0 : Math.max(0, now - lastAt);
    const isLate = age > disk.everyMs;
    if (age <= disk.everyMs * SEEN_AGAIN_SHARE) this.#seen(kept);
    const isSettled = this.#options.clock.now() >= this.#settledAt;
    const overdue = isLate && (isSettled || kept.isTold);
    const bare = this.#row(disk, { kept, lastAt, overdue });
    const row = { ...bare, text: sayOverdue(bare, now) };
    if (overdue) this.#tell(disk, { kept, row, now });
    return row;
  }

  /** Takes note of where it is. */
  #keep({ key, row, names }: ExpectedPlace, now: number): KeptDisk {
    const kept = this.#kept.get(key) ??
      { key, names: namesOf(names), since: now, seen: null, isTold: false };
    if (!this.#kept.has(key)) this.#isNews = true;
    this.#kept.set(key, kept);
    if (row === null) return kept;
    const rowAt = row.state === "attached" ? now : Date.parse(row.seenAt);
    // Where the clock was set back, it was seen later than now.
    const at = Math.min(now, Math.max(rowAt, kept.seen?.at ?? 0));
    const { host, hostId, device, unplugged } = row;
    const isElsewhere = hostId !== kept.seen?.hostId ||
      unplugged !== kept.seen.unplugged;
    if (isElsewhere) this.#isNews = true;
    kept.names = namesOf(row);
    kept.seen = { at, host, hostId, device, unplugged };
    return kept;
  }

  #seen(kept: KeptDisk): void {
    this.#told.delete(kept.key);
    if (!kept.isTold) return;
    kept.isTold = false;
    this.#isNews = true;
  }

  #tell(
    { row: place, names }: ExpectedPlace,
    { kept, row, now }: {
      readonly kept: KeptDisk;
      readonly row: OverdueRow;
      readonly now: number;
    },
  ): void {
    if (kept.isTold || this.#told.has(kept.key)) return;
    this.#told.add(kept.key);
    const { tell, log } = this.#options;
    const { name, uniqueHost: host, seenAt, seenEverySeconds } = row;
    log.warn("overdue", { disk: name, host, seenAt, seenEverySeconds });
    const onTaken = () => {
      kept.isTold = true;
      this.#isNews = true;
      this.#lookIn(MIN_LOOK_INTERVAL_MS);
    };
    const { alias, tags, hostId } = row;
    const chosen: Choosable = {
      names: { ...(place ?? names), alias },
      tags,
      ...(hostId !== null && { host: { id: hostId, name: row.host! } }),
    };
    const notice = overdueNotice(row, now);
    if (!tell(chosen, { notice, onTaken })) onTaken();
  }

  #row(
    { choice, everyMs, row, names }: ExpectedPlace,
    { kept, lastAt, overdue }: {
      readonly kept: KeptDisk;
      readonly lastAt: number;
      readonly overdue: boolean;
    },
  ): Omit<OverdueRow, "text"> {
    const { remarks } = this.#options.inventory;
    const said = saidOf(names, remarks);
    const { label, uuid, serial, wwn } = names;
    const expected = showChoice(choice);
    const seen = kept.seen;
    const state = row?.state ?? (seen === null ? null : "detached");
    return {
      name: label || said.alias || uuid || serial || wwn || seen?.device ||
        expected,
      ...{ label, uuid, serial, wwn },
      expected,
      seenEverySeconds: everyMs / 1_000,
      overdue,
      state,
      unplugged: seen?.unplugged ?? false,
      host: seen?.host ?? null,
      hostId: seen?.hostId ?? null,
      uniqueHost: seen && this.#nameOf(seen),
      device: seen?.device ?? null,
      seenAt: seen && timeText(seen.at),
      expectedSince: timeText(kept.since),
      dueAt: timeText(lastAt + everyMs),
      ...said,
    };
  }

  #nameOf({ host, hostId }: NonNullable<ExpectedDisk["seen"]>): string {
    const { inventory } = this.#options;
    return inventory.uniqueName(
      inventory.host(hostId) ?? { id: hostId, name: host },
    );
  }

  #drop(key: string): void {
    this.#kept.delete(key);
    this.#told.delete(key);
    this.#isNews = true;
  }

  #save(): void {
    const { path, clock } = this.#options;
    this.#isNews = false;
    this.#savedAt = clock.wallTime(clock.now());
    try {
      writeExpected(path, this.#kept.values());
      this.#writeProblem = null;
    } catch (error) {
      this.#writeProblem = `Cannot write ${path}: ${reasonOf(error)}. Until ` +
        "that is mended, a restart may tell again which disks are overdue";
    }
    this.#problemLog.tell(this.problems);
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
