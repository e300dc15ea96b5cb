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

/** After joining, the first word waits up to this long, since many hosts may have got their power back at once. RFC 6762, 8.1, waits likewise. */
export const START_WAIT_MS = 250;

/** Whoever finds the LAN busy waits at most this long, then twice as long each time up to one of the maxima, and at least half of that: who has news gets his turn sooner. */
export const HOLD_BACK_MS = { first: 100, news: 800, other: 6_400 } as const;

/** Whether this host may speak now, or holds back because the LAN is busy. */
export class Backoff {
  readonly #lanLoad: LanLoad;
  readonly #random: () => number;
  #longestMs: number = HOLD_BACK_MS.first;
  #waitingSince: number | null = null;
  #retryAt = -Infinity;

  constructor(lanLoad: LanLoad, random: () => number) {
    this.#lanLoad = lanLoad;
    this.#random = random;
  }

  /** Before this nothing is to be said. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** We have just come to the LAN. */
  start(now: number): void {
    this.#retryAt = now + this.#random() * START_WAIT_MS;
  }

  /**
   * To be called when there is something to say: whether to say it now. Else
   * it is to be called again at `retryAt`. At `latest` it is true in any case.
   */
  take(
    now: number,
    { isNews, latest }: { isNews: boolean; latest: (since: number) => number },
  ): boolean {
    if (now < this.#retryAt) return false;
    this.#waitingSince ??= now;
    if (!this.#lanLoad.isBusy(now)) return this.#comes();
    const until = latest(this.#waitingSince);
    if (now >= until) return this.#comes();
    const max = isNews ? HOLD_BACK_MS.news : HOLD_BACK_MS.other;
    const longestMs = Math.min(this.#longestMs, max);
    const waitMs = longestMs * (1 + this.#random()) / 2;
    this.#retryAt = Math.min(now + waitMs, until);
    this.#longestMs = 2 * longestMs;
    return false;
  }

  #comes(): true {
    this.#waitingSince = null;
    this.#longestMs = HOLD_BACK_MS.first;
    return true;
  }
}

/** Whoever hears nobody asks again after this, then after twice as long each time up to the maximum: everybody answers, though perhaps we are deaf. */
export const ASK_AGAIN_MS = { first: 100, max: 3_600_000 } as const;

/** The question who is there, after joining, until somebody was heard. */
export class AskTimer {
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

/** Somebody speaks in our place: we speak up at once, and again this long after, since words get lost. Most of it is before others believe him, see `CLAIM_MS`; the last is for those who believe him already, and hold us back. */
export const DEFEND_AFTER_MS = [0, 100, 300, 1_000, 2_000] as const;

/** When to say that we are here. */
export class RebuttalTimer {
  #times: number[] = [];

  get dueAt(): number {
    return this.#times[0] ?? Infinity;
  }

  start(now: number): void {
    this.#times = DEFEND_AFTER_MS.map((ms) => now + ms);
  }

  /** Whether it is time; what is overdue counts once. */
  take(now: number): boolean {
    if (now < this.dueAt) return false;
    this.#times = this.#times.filter((at) => at > now);
    return true;
  }
}

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

export class LanLoad {
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

export class SendQueue {
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
    if (now < this.deadline) return NOTHING_TO_SEND;
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
export const NOTHING_TO_SEND: Burst = { datagrams: NONE, via: undefined };
