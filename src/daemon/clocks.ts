import type { System } from "../system/system.ts";
import { isBelieved, StoredTimes, type TimeMove } from "./stored_times.ts";

type Clocks = Pick<System, "now" | "wallClock">;

/** Deviation of the wall clock at which past times are converted anew. */
const TOLERATED_DRIFT_MS = 100;

/** A sleep that lasted less is taken for a wall clock that was set. */
const SHORTEST_SLEEP_MS = 2_000;

/** Sleeps remembered; beyond that the oldest count as one. */
const MAX_SLEEPS = 200;

/** After this long without a step, one ahead means that a VM was paused. */
const STEADY_MS = 3_600_000;

interface Sleep {
  /** Monotonic ms. Earlier times are as they were shown then. */
  readonly before: number;
  readonly ms: number;
  /** Taken for a pause of a virtual machine, whose uptime stood still too. */
  readonly isPause: boolean;
}

/**
 * Converts monotonic times, as used by the inventory, to wall-clock times.
 *
 * A wall clock that is set changes all times of this run, since they were not
 * what it showed. While the machine slept the monotonic clock stood still, so
 * times before that stay what they were.
 */
export class Clock {
  readonly #system: Clocks & Partial<Pick<System, "uptime">>;
  /** Monotonic ms. */
  readonly #startedAt: number;
  /** Of the present: wall clock less monotonic clock. */
  #offsetMs: number;
  /** Uptime less monotonic clock. */
  #sleptMs: number;
  /** In order. */
  readonly #sleeps: Sleep[] = [];
  /** When the clock was set last, or the start. */
  #setAt: number;
  /** Moves that are due, since what was taken for a pause was none. */
  #undone: TimeMove[] = [];
  #stored: StoredTimes | null = null;

  constructor(system: Clocks & Partial<Pick<System, "uptime">>) {
    this.#system = system;
    this.#startedAt = system.now();
    this.#setAt = this.#startedAt;
    this.#offsetMs = system.wallClock() - this.#startedAt;
    this.#sleptMs = this.#asleep(this.#startedAt);
  }

  /** Monotonic milliseconds. */
  now(): number {
    const now = this.#system.now();
    this.#look(now);
    return now;
  }

  /** Ms since 1970. Follows a changed wall clock, and does not flicker otherwise. */
  wallTime(monotonicMs: number): number {
    this.#look(this.#system.now());
    return monotonicMs < this.#startedAt && this.#stored !== null
      ? Math.trunc(
        this.#stored.shownAge(this.#startedAt - monotonicMs, this.#start),
      )
      : this.#wallTime(monotonicMs);
  }

  /** While it stays the same, `wallTime` gives the same for the same time. */
  get offsetMs(): number {
    this.#look(this.#system.now());
    return this.#offsetMs;
  }

  /** As `wallTime`, in RFC 3339, in UTC. */
  timeOfDay(monotonicMs: number): string {
    return new Date(this.wallTime(monotonicMs)).toISOString();
  }

  /** The history was opened; see `StoredTimes`. */
  recall(newestBefore: (limit: number) => number): void {
    this.#look(this.#system.now());
    this.#stored = new StoredTimes(newestBefore, this.#start);
  }

  /** A time in the history on the monotonic clock. */
  monotonicTime(storedMs: number): number {
    const begin = this.storedStart;
    if (storedMs >= begin) return this.#monotonic(storedMs - begin);
    const ageMs = this.#stored?.toAge(storedMs) ?? begin - storedMs;
    return this.#startedAt - ageMs;
  }

  /** The time to store in the history for a monotonic time; see `StoredTimes`. */
  storedTime(monotonicMs: number): number {
    const aheadMs = this.storedStart - this.#start;
    return monotonicMs < this.#startedAt && this.#stored !== null
      ? Math.trunc(this.#stored.fromAge(this.#startedAt - monotonicMs))
      : this.#wallTime(monotonicMs) + aheadMs;
  }

  /** The wall-clock time to show for a time in the history. */
  shownTime(storedMs: number): number {
    this.#look(this.#system.now());
    return this.#stored?.shown(storedMs, this.#start) ?? storedMs;
  }

  /** A time in the history before all that are shown after `wallMs`. */
  storedSince(wallMs: number): number {
    const isAsShown = this.shownTime(wallMs) === wallMs &&
      this.storedStart === this.#start;
    return isAsShown ? wallMs : -1;
  }

  /** Stored time of the start of this run. It changes if the clock is set. */
  get storedStart(): number {
    this.#look(this.#system.now());
    return this.#begin;
  }

  /** What is to be moved in the history beside all times of this run, once. */
  moveStored(): readonly TimeMove[] {
    this.#look(this.#system.now());
    const earlier = this.#stored?.move(this.#start) ?? [];
    return [...this.#undone.splice(0), ...earlier];
  }

  get #start(): number {
    return this.#wallTime(this.#startedAt);
  }

  get #begin(): number {
    return this.#stored?.begin(this.#start) ?? this.#start;
  }

  #wallTime(monotonicMs: number): number {
    let wallMs = monotonicMs + this.#offsetMs;
    for (const { before, ms } of this.#sleeps) {
      if (monotonicMs < before) wallMs -= ms;
    }
    return Math.trunc(wallMs);
  }

  /** So long after the start, also asleep. */
  #monotonic(sinceStartMs: number): number {
    let at = this.#startedAt + sinceStartMs;
    for (const { before, ms } of this.#sleeps) {
      if (at >= before) at = Math.max(before, at - ms);
    }
    return at;
  }

  #look(now: number): void {
    const offsetMs = this.#system.wallClock() - now;
    const stepMs = offsetMs - this.#offsetMs;
    if (Math.abs(stepMs) <= TOLERATED_DRIFT_MS) return;
    const asleepMs = this.#asleep(now);
    const sleptMs = asleepMs - this.#sleptMs;
    const isAhead = stepMs >= SHORTEST_SLEEP_MS;
    if (isAhead && sleptMs >= SHORTEST_SLEEP_MS) {
      this.#sleptMs = asleepMs;
      // The uptime is in whole seconds: a difference of less is none.
      const isAll = Math.abs(stepMs - sleptMs) < SHORTEST_SLEEP_MS;
      const ms = isAll ? stepMs : sleptMs;
      this.#addSleep({ before: now, ms, isPause: false });
    } else if (isAhead && this.#isSteady(now, now + offsetMs)) {
      this.#addSleep({ before: now, ms: stepMs, isPause: true });
    } else if (!this.#undoPause(stepMs)) {
      this.#setAt = now;
    }
    this.#offsetMs = offsetMs;
  }

  /** Whether the clock was right for long, and may be now. */
  #isSteady(now: number, wallMs: number): boolean {
    return now - this.#setAt > STEADY_MS && isBelieved(wallMs) &&
      isBelieved(now + this.#offsetMs);
  }

  #addSleep(sleep: Sleep): void {
    this.#sleeps.push(sleep);
    if (this.#sleeps.length <= MAX_SLEEPS) return;
    const [one, next] = this.#sleeps.splice(0, 2);
    this.#sleeps.unshift({ ...next!, ms: one!.ms + next!.ms });
  }

  /** The clock goes back by as much as it went ahead last: that was no pause. */
  #undoPause(stepMs: number): boolean {
    const last = this.#sleeps.at(-1);
    if (last === undefined || !last.isPause) return false;
    if (Math.abs(last.ms + stepMs) >= SHORTEST_SLEEP_MS) return false;
    const aheadMs = this.#begin - this.#start;
    const from = this.#wallTime(last.before) + aheadMs;
    this.#sleeps.pop();
    this.#undone.push({ from, to: Infinity, byMs: stepMs });
    return true;
  }

  #asleep(now: number): number {
    return (this.#system.uptime?.() ?? now) - now;
  }
}

/** An interruption between two checks. */
export interface Interruption {
  /**
   * `slept`: the wall clock went ahead, so the machine slept, or its clock was
   * set forward. `set-back`: the clock was set back. `stopped`: time passed
   * normally, but the daemon did not run.
   */
  readonly kind: "slept" | "set-back" | "stopped";
  /** Its length. */
  readonly ms: number;
}

/**
 * Clock change between two checks that counts as sleep or a set clock: NTP
 * adjusts the clock by less.
 */
export const CLOCK_STEP_MS = 5_000;

/** Delay of a check that a busy machine does not explain. */
export const LATE_MS = 3_000;

/**
 * Detects that the host slept, its clock was set, or the daemon was suspended,
 * after which all knowledge of the LAN may be outdated.
 *
 * CLOCK_MONOTONIC stops while a host sleeps, the wall clock does not
 * (clock_gettime(2)). Timers stop too, so a check comes soon after waking.
 */
export class WakeWatch {
  readonly #clocks: Clocks;
  readonly #lookIntervalMs: number;
  #now: number;
  #wall: number;

  /** `look` must be called every `lookIntervalMs`. */
  constructor(clocks: Clocks, lookIntervalMs: number) {
    this.#clocks = clocks;
    this.#lookIntervalMs = lookIntervalMs;
    this.#now = clocks.now();
    this.#wall = clocks.wallClock();
  }

  /** The interruption since the last call; `null` if there was none. */
  look(): Interruption | null {
    const [now, wall] = [this.#clocks.now(), this.#clocks.wallClock()];
    const passedMs = now - this.#now;
    const stepMs = wall - this.#wall - passedMs;
    this.#now = now;
    this.#wall = wall;
    if (stepMs > CLOCK_STEP_MS) return { kind: "slept", ms: stepMs };
    if (stepMs < -CLOCK_STEP_MS) return { kind: "set-back", ms: -stepMs };
    const isLate = passedMs > this.#lookIntervalMs + LATE_MS;
    return isLate ? { kind: "stopped", ms: passedMs } : null;
  }
}
