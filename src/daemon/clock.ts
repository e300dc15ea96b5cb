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

  /** RFC 3339, in UTC. Follows the wall clock when that is set, and does not flicker while it is not. */
  timeOfDay(monotonicMs: number): string {
    const offsetMs = this.#system.wallClock() - this.#system.now();
    if (Math.abs(offsetMs - this.#offsetMs) > TOLERATED_DRIFT_MS) {
      this.#offsetMs = offsetMs;
    }
    return new Date(monotonicMs + this.#offsetMs).toISOString();
  }
}
