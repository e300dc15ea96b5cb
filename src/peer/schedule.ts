/**
 * When to announce. Four things ask for it: the daemon starts or its list
 * changes (at once, and again after `REPEAT_AFTER_MS`), the interval is over,
 * somebody asked (after a random wait), or the user did.
 *
 * Speaking answers everything that was pending, except the repeats of a change.
 */

/** After a change, an announcement may be lost: it is repeated this long after. RFC 6762, 8.3, repeats likewise. */
export const REPEAT_AFTER_MS = [100, 300, 1_000, 3_000] as const;

/** Announcements stray from their interval by this share, so that hosts do not fall into step. */
export const JITTER = 0.25;

/** An answer waits at least and at most this long, so that answers do not come all at once. */
export const ANSWER_WAIT_MS = { min: 20, max: 120 } as const;

/** For each datagram that the answers of all hosts known take together the longest wait grows by this. */
export const ANSWER_WAIT_MS_PER_DATAGRAM = 3;

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
  /** Interfaces that the answer goes out of, by their addresses; `null`: all of them. */
  #answerVia: Set<string> | null = null;
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

  /** Whether an answer is due. */
  get isAsked(): boolean {
    return this.#answerAt !== Infinity;
  }

  /**
   * Somebody wants to know who is there, and has the answer after
   * `longestWaitMs`, `gapMs` after our last word at the earliest. It goes out
   * of the interfaces with the addresses `via`, `null` for all of them.
   */
  asked(
    now: number,
    { longestWaitMs, gapMs, via }: {
      longestWaitMs: number;
      gapMs: number;
      via: readonly string[] | null;
    },
  ): void {
    this.#answerVia = via && new Set(via);
    const { min } = ANSWER_WAIT_MS;
    const waitMs = min + this.#random() * (longestWaitMs - min);
    this.#answerAt = Math.max(now + waitMs, this.#spokeAt + gapMs);
  }

  /** While an answer is due somebody else asks: it goes there too. */
  askedToo(via: readonly string[] | null): void {
    if (via === null) this.#answerVia = null;
    for (const address of via ?? []) this.#answerVia?.add(address);
  }

  /** Interfaces that what is due now goes out of, by their addresses: an answer only there where somebody asked, all else everywhere, `null`. */
  viaAt(now: number): readonly string[] | null {
    const isForAll = now >= this.#periodicAt ||
      now >= (this.#repeatsAt[0] ?? Infinity);
    return isForAll || this.#answerVia === null ? null : [...this.#answerVia];
  }

  /** The answer goes out now, and not everywhere: that puts off nothing else. */
  answered(now: number): void {
    this.#spokeAt = now;
    this.#answerAt = Infinity;
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

/** How long an answer waits at most when all answers together take so many datagrams. */
export function longestAnswerWaitMs(datagrams: number): number {
  return ANSWER_WAIT_MS.max + datagrams * ANSWER_WAIT_MS_PER_DATAGRAM;
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
