import { BURST_DATAGRAMS, BURST_PAUSE_MS } from "./timing.ts";

/** Datagrams that wait to be passed on, all media together; more are dropped. */
export const MAX_PASSING = 8_192;

/** Wait while the medium is busy. */
const BUSY_MS = 50;

/** A datagram, and the addresses of interfaces or peers to send it to. */
export interface Passing {
  readonly datagram: Uint8Array;
  readonly to: readonly string[];
}

/**
 * Datagrams that a relay passes on to one side. They leave in short bursts, as
 * `SendQueue` does; what is replaced before its turn does not leave at all.
 */
export class PassingQueue {
  readonly #isBusy: (now: number) => boolean;
  readonly #waiting = new Map<string, Passing>();
  #readyAt = -Infinity;

  /** `isBusy`: whether the medium carries as much as it may. */
  constructor(isBusy: (now: number) => boolean = () => false) {
    this.#isBusy = isBusy;
  }

  /** When `take` returns something next. */
  get deadline(): number {
    return this.#waiting.size === 0 ? Infinity : this.#readyAt;
  }

  /** Appends it, in place of what waits with this key. Returns whether there was room. */
  put(key: string, passing: Passing): boolean {
    // Of a host, a later datagram must not overtake an earlier one.
    this.#waiting.delete(key);
    if (this.#waiting.size >= MAX_PASSING) return false;
    this.#waiting.set(key, passing);
    return true;
  }

  /** What leaves now. */
  take(now: number): Passing[] {
    if (now < this.deadline) return [];
    if (this.#isBusy(now)) {
      this.#readyAt = now + BUSY_MS;
      return [];
    }
    this.#readyAt = now + BURST_PAUSE_MS;
    const taken: Passing[] = [];
    for (const [key, passing] of this.#waiting) {
      if (taken.length === BURST_DATAGRAMS) break;
      this.#waiting.delete(key);
      taken.push(passing);
    }
    return taken;
  }
}
