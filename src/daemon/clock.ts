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
