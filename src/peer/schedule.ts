/**
 * When to announce. Four things ask for it: the daemon starts or its list
 * changes (at once, and again after `REPEAT_AFTER_MS`), the interval is over,
 * somebody asked (after a random wait), or the user did.
 *
 * Speaking answers everything that was pending, except the repeats of a change.
 */

/** After a change, an announcement may be lost: it is repeated this long after. RFC 6762, 8.3, repeats likewise. */
export const REPEAT_AFTER_MS = [100, 1_000, 3_000] as const;

/** Announcements stray from their interval by this share, so that hosts do not fall into step. */
export const JITTER = 0.25;

/** An answer waits at least and at most this long, so that answers do not come all at once. */
export const ANSWER_WAIT_MS = { min: 20, max: 120 } as const;

/** For each host known the longest wait grows by this. */
export const ANSWER_WAIT_MS_PER_HOST = 2;

/** Answers are at least this far from whatever was said before. */
export const ANSWER_GAP_MS = 1_000;

/** Hosts stretch their intervals so that all of them together stay below this. */
export const LAN_DATAGRAMS_PER_SECOND = 40;

export class Schedule {
  readonly #random: () => number;
  #intervalMs: number;
  #periodicAt = Infinity;
  #repeatsAt: number[] = [];
  #answerAt = Infinity;
  #spokeAt = -Infinity;

  constructor(intervalMs: number, random: () => number) {
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  /** When it is next time to announce. */
  get deadline(): number {
    return Math.min(
      this.#periodicAt,
      this.#repeatsAt[0] ?? Infinity,
      this.#answerAt,
    );
  }

  /** How far announcements are apart, before jitter. */
  setInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
  }

  /** The list changed: an announcement is due now and will be repeated. */
  changed(now: number): void {
    this.#repeatsAt = [now, ...REPEAT_AFTER_MS.map((ms) => now + ms)];
  }

  /** Somebody wants to know who is there. `hosts` is how many may answer. */
  asked(now: number, hosts: number): void {
    if (this.#answerAt !== Infinity) return;
    const { min } = ANSWER_WAIT_MS;
    const wait = min + this.#random() * (longestAnswerWaitMs(hosts) - min);
    this.#answerAt = Math.max(now + wait, this.#spokeAt + ANSWER_GAP_MS);
  }

  /** An announcement goes out now. */
  spoke(now: number): void {
    this.#spokeAt = now;
    this.#answerAt = Infinity;
    while (this.#repeatsAt.length > 0 && this.#repeatsAt[0]! <= now) {
      this.#repeatsAt.shift();
    }
    const stray = 1 + JITTER * (2 * this.#random() - 1);
    this.#periodicAt = now + this.#intervalMs * stray;
  }
}

/** How long an answer waits at most when this many hosts may answer. */
export function longestAnswerWaitMs(hosts: number): number {
  return ANSWER_WAIT_MS.max + hosts * ANSWER_WAIT_MS_PER_HOST;
}

/**
 * The interval that keeps the whole LAN below `LAN_DATAGRAMS_PER_SECOND`, when
 * one round of announcements of all hosts takes this many datagrams.
 */
export function stretchedIntervalMs(
  intervalMs: number,
  datagramsARound: number,
): number {
  return Math.max(
    intervalMs,
    datagramsARound / LAN_DATAGRAMS_PER_SECOND * 1000,
  );
}
