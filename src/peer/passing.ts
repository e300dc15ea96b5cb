import { BURST_DATAGRAMS, BURST_PAUSE_MS } from "./timing.ts";

/** Datagrams that wait to be passed on, all media together; more are dropped. */
export const MAX_PASSING = 8_192;

/** Wait while the medium is busy. */
const BUSY_MS = 50;

const SECOND_MS = 1_000;

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
  readonly #burst: number;
  readonly #isBusy: (now: number) => boolean;
  readonly #waiting = new Map<string, Passing>();
  /** What left in the last second, the earliest first. */
  readonly #left = new Map<string, Passing & { readonly at: number }>();
  #readyAt = -Infinity;

  /** `burst`: how many leave at once. `isBusy`: whether the medium carries as much as it may. */
  constructor(
    { burst = BURST_DATAGRAMS, isBusy = () => false }: {
      readonly burst?: number;
      readonly isBusy?: (now: number) => boolean;
    } = {},
  ) {
    this.#burst = burst;
    this.#isBusy = isBusy;
  }

  /** When `take` returns something next. */
  get deadline(): number {
    return this.#waiting.size === 0 ? Infinity : this.#readyAt;
  }

  /** Appends it, in place of what waits with this key. Returns whether there was room. */
  put(key: string, passing: Passing): boolean {
    const before = this.#waiting.get(key);
    // Of a host, a later datagram must not overtake an earlier one.
    this.#waiting.delete(key);
    if (this.#waiting.size >= MAX_PASSING) return false;
    // Several may ask for the same.
    const isAgain = before !== undefined &&
      isSame(before.datagram, passing.datagram);
    this.#waiting.set(key, {
      datagram: passing.datagram,
      to: isAgain ? [...new Set([...before.to, ...passing.to])] : passing.to,
    });
    return true;
  }

  /** Nothing of it leaves. */
  clear(): void {
    this.#waiting.clear();
  }

  /** What leaves now. */
  take(now: number): Passing[] {
    if (now < this.deadline) return [];
    if (this.#isBusy(now)) {
      this.#readyAt = now + BUSY_MS;
      return [];
    }
    this.#readyAt = now + BURST_PAUSE_MS;
    this.#forget(now);
    const taken: Passing[] = [];
    for (const [key, passing] of this.#waiting) {
      if (taken.length === this.#burst) break;
      this.#waiting.delete(key);
      this.#left.delete(key);
      this.#left.set(key, { ...passing, at: now });
      taken.push(passing);
    }
    return taken;
  }

  /**
   * Somebody else said this to these, byte for byte: it need not be said there
   * again. Returns whether it is new that it was said twice.
   */
  saidByOther(key: string, { datagram, to }: Passing, now: number): boolean {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined && isSame(waiting.datagram, datagram)) {
      const rest = waiting.to.filter((one) => !to.includes(one));
      if (rest.length === waiting.to.length) return false;
      // In its place in the row.
      if (rest.length > 0) this.#waiting.set(key, { datagram, to: rest });
      else this.#waiting.delete(key);
      return true;
    }
    this.#forget(now);
    const left = this.#left.get(key);
    if (left === undefined || !isSame(left.datagram, datagram)) return false;
    return this.#left.delete(key);
  }

  #forget(now: number): void {
    for (const [key, { at }] of this.#left) {
      if (now - at < SECOND_MS) return;
      this.#left.delete(key);
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
