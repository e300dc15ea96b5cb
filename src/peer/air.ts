/**
 * How busy the LAN is, as this host hears it. Only what was taken in counts,
 * and what we say ourselves: so garbage silences nobody.
 */

/** All hosts together stay below this, also when all start, are asked or are healed at once. A kernel holds about 92 datagrams until its daemon reads them. */
export const LAN_BURST_PER_SECOND = 500;

/** From here on hosts hold back: a word takes a moment to get around, and whoever has not heard it yet speaks too. */
export const HOLD_BACK_PER_SECOND = 400;

/**
 * Questions of nobody in particular count up to this share of that. Whoever
 * hears one does not ask, so hosts never send more together, even when
 * thousands start; more are a flood, and that is to hold nobody back.
 */
export const QUESTIONS_PER_SECOND = 40;

const SECOND_MS = 1_000;

export class Air {
  readonly #all = new LastTimes(HOLD_BACK_PER_SECOND);
  readonly #questions = new LastTimes(QUESTIONS_PER_SECOND);

  /** A datagram was heard or sent. */
  note(now: number): void {
    this.#all.note(now);
  }

  /** A question was heard that does not say who asks. */
  noteQuestion(now: number): void {
    if (now - this.#questions.oldest < SECOND_MS) return;
    this.#questions.note(now);
    this.note(now);
  }

  /** Whether the last second was as full as it may be. */
  isBusy(now: number): boolean {
    return now - this.#all.oldest < SECOND_MS;
  }
}

/** When something happened the last so many times. */
class LastTimes {
  readonly #times: Float64Array;
  /** The oldest is next to be overwritten. */
  #next = 0;

  constructor(count: number) {
    this.#times = new Float64Array(count).fill(-Infinity);
  }

  get oldest(): number {
    return this.#times[this.#next]!;
  }

  note(now: number): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
  }
}
