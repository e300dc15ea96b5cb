import type { System } from "../system/system.ts";

type Clocks = Pick<System, "now" | "wallClock">;

/** The wall clock may stray this far from where it was before past times are told anew. */
const TOLERATED_DRIFT_MS = 100;

/** Tells times of the monotonic clock, which the inventory keeps, as times of day. */
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

  /** Ms since 1970. Follows the wall clock when that is set, and does not flicker while it is not. */
  wallTime(monotonicMs: number): number {
    const offsetMs = this.#system.wallClock() - this.#system.now();
    if (Math.abs(offsetMs - this.#offsetMs) > TOLERATED_DRIFT_MS) {
      this.#offsetMs = offsetMs;
    }
    return Math.trunc(monotonicMs + this.#offsetMs);
  }

  /** The other way: when that was, or would have been, on the monotonic clock. It may be below 0. */
  monotonicTime(wallMs: number): number {
    return wallMs - this.wallTime(0);
  }

  /** As `wallTime`, in RFC 3339, in UTC. */
  timeOfDay(monotonicMs: number): string {
    return new Date(this.wallTime(monotonicMs)).toISOString();
  }
}

/** What came between two looks. */
export interface Interruption {
  /**
   * `slept`: the wall clock went on without us, so the machine slept, or its
   * clock was set forward. `set-back`: the clock was. `stopped`: time went by
   * as it should, but the daemon did not run.
   */
  readonly kind: "slept" | "set-back" | "stopped";
  /** How long, or by how much. */
  readonly ms: number;
}

/** The wall clock may move this far against the monotonic one between two looks: NTP moves it a little. */
export const CLOCK_STEP_MS = 5_000;

/** A look that comes this much too late was held up by more than a busy machine. */
export const LATE_MS = 3_000;

/**
 * Notices that the host slept, that its clock was set, or that the daemon was
 * stopped for a while: whatever was known of the LAN may be old then.
 *
 * CLOCK_MONOTONIC stands still while a host sleeps, and the wall clock does
 * not (clock_gettime(2)). So does a timer, and a look comes soon after waking.
 */
export class WakeWatch {
  readonly #clocks: Clocks;
  readonly #lookIntervalMs: number;
  #now: number;
  #wall: number;

  /** It is to be looked at every `lookIntervalMs`. */
  constructor(clocks: Clocks, lookIntervalMs: number) {
    this.#clocks = clocks;
    this.#lookIntervalMs = lookIntervalMs;
    this.#now = clocks.now();
    this.#wall = clocks.wallClock();
  }

  /** What came between the last look and this one, `null` for nothing. */
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
