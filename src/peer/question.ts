/** Whoever hears nobody asks again after this, then after twice as long each time up to the maximum: everybody answers, though perhaps we are deaf. */
export const ASK_AGAIN_MS = { first: 100, max: 3_600_000 } as const;

/** The question who is there, after joining, until somebody was heard. */
export class Question {
  #dueAt = Infinity;
  #gapMs: number = ASK_AGAIN_MS.first;

  /** When it is to be asked, or asked again; `Infinity` when it is not. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** We have joined a network, and do not know who is there. */
  start(now: number): void {
    this.#dueAt = now;
    this.#gapMs = ASK_AGAIN_MS.first;
  }

  asked(now: number): void {
    if (this.#dueAt === Infinity) return;
    this.#dueAt = now + this.#gapMs;
    this.#gapMs = Math.min(2 * this.#gapMs, ASK_AGAIN_MS.max);
  }

  /** Somebody else asked: we hear the answers too. RFC 6762, 7.3, does likewise. */
  askedByOther(now: number): void {
    if (this.#dueAt === Infinity) return;
    this.#dueAt = Math.max(this.#dueAt, now + this.#gapMs);
  }

  /** Somebody was heard. */
  answered(): void {
    this.#dueAt = Infinity;
  }
}
