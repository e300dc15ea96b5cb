/**
 * Limits the answers to whoever proves nothing, or was never heard before: a
 * question of 84 bytes makes all hosts of the LAN say their lists. What comes
 * too soon is answered later, once for all that asked meanwhile.
 */

/** Average time between two such answers, whoever asks. */
export const STRANGER_ANSWER_GAP_MS = 10_000;

/** Answers at once after a long silence. */
export const STRANGER_ANSWERS_AT_ONCE = {
  /** A `scan` repeats its question, so that a lost answer does not matter. */
  questions: 2,
  /** Many hosts may start at once. */
  newcomers: 20,
} as const;

type Stranger = keyof typeof STRANGER_ANSWERS_AT_ONCE;

/** Addresses of the interfaces of an answer; `null`: all. */
type Via = readonly string[] | null;

/** How to answer, through these interfaces. */
type Say = Readonly<Record<Stranger, (now: number, via: Via) => void>>;

export class StrangerAnswers {
  /** Until when the answers so far are spread, at one each `STRANGER_ANSWER_GAP_MS`. */
  readonly #spreadUntil = { questions: -Infinity, newcomers: -Infinity };
  readonly #say: Say;
  readonly #waiting = new Map<Stranger, Via>();

  constructor(say: Say) {
    this.#say = say;
  }

  /** When `tick` must be called next. */
  get deadline(): number {
    let deadline = Infinity;
    for (const to of this.#waiting.keys()) {
      deadline = Math.min(deadline, this.#readyAt(to));
    }
    return deadline;
  }

  /** Answers now, or when it is due. */
  answer(
    to: Stranger,
    { via, now }: { readonly via: Via; readonly now: number },
  ): void {
    if (now >= this.#readyAt(to)) return this.#answerNow(to, { via, now });
    const known = this.#waiting.get(to);
    const isEverywhere = known === null || via === null;
    this.#waiting.set(
      to,
      isEverywhere ? null : [...new Set([...known ?? [], ...via])],
    );
  }

  /** Gives the answers that waited and are due. */
  tick(now: number): void {
    if (now < this.deadline) return;
    for (const [to, via] of this.#waiting) {
      if (now < this.#readyAt(to)) continue;
      this.#waiting.delete(to);
      this.#answerNow(to, { via, now });
    }
  }

  #readyAt(to: Stranger): number {
    const gaps = STRANGER_ANSWERS_AT_ONCE[to] - 1;
    return this.#spreadUntil[to] - gaps * STRANGER_ANSWER_GAP_MS;
  }

  #answerNow(
    to: Stranger,
    { via, now }: { readonly via: Via; readonly now: number },
  ): void {
    this.#spreadUntil[to] = Math.max(this.#spreadUntil[to], now) +
      STRANGER_ANSWER_GAP_MS;
    this.#say[to](now, via);
  }
}
