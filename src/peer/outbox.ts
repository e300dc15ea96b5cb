/**
 * Datagrams on their way out. A receiver's kernel holds about 90 of them, and
 * what comes faster than it reads is lost, so they leave in short bursts.
 */

/** Datagrams sent back to back. */
export const BURST_DATAGRAMS = 32;

/** Pause after a burst. */
export const BURST_PAUSE_MS = 20;

/** What leaves at once. */
export interface Burst {
  readonly datagrams: readonly Uint8Array[];
  /** Addresses of the interfaces that it leaves by; `undefined`: all of them. */
  readonly via: readonly string[] | undefined;
}

export class Outbox {
  #waiting: readonly Uint8Array[] = [];
  #via: readonly string[] | undefined;
  #readyAt = -Infinity;

  /** When `take` next has something to give. */
  get deadline(): number {
    return this.#waiting.length === 0 ? Infinity : this.#readyAt;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Sends these next; what is left of an earlier announcement is overtaken and dropped. */
  put(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    this.#waiting = datagrams;
    this.#via = via;
  }

  /** What may leave now. */
  take(now: number): Burst {
    if (now < this.deadline) return NOTHING;
    const burst = this.#waiting.slice(0, BURST_DATAGRAMS);
    this.#waiting = this.#waiting.slice(BURST_DATAGRAMS);
    this.#readyAt = now + BURST_PAUSE_MS;
    return { datagrams: burst, via: this.#via };
  }

  /** Everything that waits, at once: for a last word. */
  drain(): readonly Uint8Array[] {
    const all = this.#waiting;
    this.#waiting = NONE;
    return all;
  }
}

const NONE: readonly Uint8Array[] = [];

/** Nothing may leave now. */
export const NOTHING: Burst = { datagrams: NONE, via: undefined };
