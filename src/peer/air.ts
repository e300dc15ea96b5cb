/**
 * How busy the LAN is, as this host hears it. Only what was taken in counts,
 * and what we say ourselves: so garbage silences nobody.
 */

/** All hosts together stay below this, also when all start, are asked or are healed at once. A kernel holds about 92 datagrams until its daemon reads them. */
export const LAN_BURST_PER_SECOND = 500;

/** From here on hosts hold back: a word takes a moment to get around, and whoever has not heard it yet speaks too. */
export const HOLD_BACK_PER_SECOND = 400;

const SECOND_MS = 1_000;

export class Air {
  /** When the last so many datagrams went by; the oldest is next to be overwritten. */
  readonly #times = new Float64Array(HOLD_BACK_PER_SECOND).fill(-Infinity);
  #next = 0;

  /** A datagram was heard or sent. */
  note(now: number): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % HOLD_BACK_PER_SECOND;
  }

  /** Whether the last second was as full as it may be. */
  isBusy(now: number): boolean {
    return now - this.#times[this.#next]! < SECOND_MS;
  }
}
