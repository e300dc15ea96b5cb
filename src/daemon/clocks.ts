import type { System } from "../system/system.ts";

type Clocks = Pick<System, "now" | "wallClock">;

/** Deviation of the wall clock at which past times are converted anew. */
const TOLERATED_DRIFT_MS = 100;

/** Converts monotonic times, as used by the inventory, to wall-clock times. */
export class Clock {
  readonly #system: Clocks;
  #offsetMs: number;

  constructor(system: Clocks) {
    this.#system = system;
    this.#offsetMs = system.wallClock() - system.now();
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#system.now();
  }

  /** Ms since 1970. Follows a changed wall clock, and does not flicker otherwise. */
  wallTime(monotonicMs: number): number {
    const offsetMs = this.#system.wallClock() - this.#system.now();
    if (Math.abs(offsetMs - this.#offsetMs) > TOLERATED_DRIFT_MS) {
      this.#offsetMs = offsetMs;
    }
    return Math.trunc(monotonicMs + this.#offsetMs);
  }

  /** The reverse: a wall-clock time on the monotonic clock, possibly negative. */
  monotonicTime(wallMs: number): number {
    return wallMs - this.wallTime(0);
  }

  /** As `wallTime`, in RFC 3339, in UTC. */
  timeOfDay(monotonicMs: number): string {
    return new Date(this.wallTime(monotonicMs)).toISOString();
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
