/**
 * Times of announcements. There are four causes: the daemon starts or its list
 * changes (at once, and again after `REPEAT_AFTER_MS`), the interval is over, a
 * host asked (after a random wait), or the user did.
 *
 * An announcement satisfies everything pending except the repeats of a change.
 */

/** Times of repeats after a change, against loss. RFC 6762, 8.3, repeats likewise. */
export const REPEAT_AFTER_MS = [100, 300, 1_000, 3_000] as const;

/** Random share added to or taken off an interval, so that hosts do not synchronize. */
export const JITTER = 0.25;

/** Shortest and longest wait of an answer, so that answers are spread. */
export const ANSWER_WAIT_MS = { min: 20, max: 120 } as const;

/** Added to the longest wait for each datagram in the answers of all known hosts. */
export const ANSWER_WAIT_MS_PER_DATAGRAM = 3;

/** Shortest time between an announcement and an answer. */
export const ANSWER_GAP_MS = 1_000;

/** Hosts extend their intervals so that all together stay below this. */
export const LAN_DATAGRAMS_PER_SECOND = 40;

export class Schedule {
  readonly #random: () => number;
  #intervalMs: number;
  #periodicAt = Infinity;
  #repeatsAt: number[] = [];
  #answerAt = Infinity;
  /** Addresses of the interfaces for the answer; `null`: all. */
  #answerVia: Set<string> | null = null;
  #spokeAt = -Infinity;

  constructor(intervalMs: number, random: () => number) {
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  /** Time of the next announcement. */
  get deadline(): number {
    return Math.min(
      this.#periodicAt,
      this.#repeatsAt[0] ?? Infinity,
      this.#answerAt,
    );
  }

  /** Sets the time between announcements, before jitter. */
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
   * Schedules an answer within `longestWaitMs`, but at the earliest `gapMs`
   * after our last announcement. It leaves through the interfaces with the
   * addresses `via`, or all if `null`.
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

  /** Sends the pending answer to another questioner too. */
  askedToo(via: readonly string[] | null): void {
    if (via === null) this.#answerVia = null;
    for (const address of via ?? []) this.#answerVia?.add(address);
  }

  /**
   * Addresses of the interfaces for the datagrams due now: those of the
   * questioners for an answer, `null` (all) for anything else.
   */
  viaAt(now: number): readonly string[] | null {
    const isForAll = now >= this.#periodicAt ||
      now >= (this.#repeatsAt[0] ?? Infinity);
    return isForAll || this.#answerVia === null ? null : [...this.#answerVia];
  }

  /** The answer leaves now, but not everywhere: everything else stays pending. */
  answered(now: number): void {
    this.#spokeAt = now;
    this.#answerAt = Infinity;
  }

  /** An announcement leaves now. */
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

/** Longest wait of an answer if all answers together take this many datagrams. */
export function longestAnswerWaitMs(datagrams: number): number {
  return ANSWER_WAIT_MS.max + datagrams * ANSWER_WAIT_MS_PER_DATAGRAM;
}

/**
 * The interval that keeps the whole LAN below `LAN_DATAGRAMS_PER_SECOND` if a
 * round of announcements of all hosts takes this many datagrams.
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

/**
 * Longest random wait before the first message, because many hosts may have got
 * power back at once. RFC 6762, 8.1, waits likewise.
 */
export const START_WAIT_MS = 250;

/**
 * Longest first wait on a busy LAN, doubled each time up to one of the maxima;
 * the actual wait is at least half. Hosts with news speak sooner.
 */
export const HOLD_BACK_MS = { first: 100, news: 800, other: 6_400 } as const;

/** Holds this host back while the LAN is busy. */
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

  /** Do not speak before this time. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** This host has just joined the LAN. */
  start(now: number): void {
    this.#retryAt = now + this.#random() * START_WAIT_MS;
  }

  /**
   * Whether to speak now; otherwise call it again at `retryAt`. From `latest`
   * on it returns true.
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

/**
 * Wait of a host that hears nobody before it asks again, doubled each time up
 * to the maximum: every host answers, though this host may be deaf.
 */
export const ASK_AGAIN_MS = { first: 100, max: 3_600_000 } as const;

/** Times of the questions after joining, until another host is heard. */
export class AskTimer {
  #dueAt = Infinity;
  #gapMs: number = ASK_AGAIN_MS.first;

  /** Time of the next question; `Infinity` if none is due. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** This host has joined a network and knows no other host. */
  start(now: number): void {
    this.#dueAt = now;
    this.#gapMs = ASK_AGAIN_MS.first;
  }

  asked(now: number): void {
    if (this.#dueAt === Infinity) return;
    this.#dueAt = now + this.#gapMs;
    this.#gapMs = Math.min(2 * this.#gapMs, ASK_AGAIN_MS.max);
  }

  /** Another host asked; this host hears the answers too. RFC 6762, 7.3, does likewise. */
  askedByOther(now: number): void {
    if (this.#dueAt === Infinity) return;
    this.#dueAt = Math.max(this.#dueAt, now + this.#gapMs);
  }

  /** Another host was heard. */
  answered(): void {
    this.#dueAt = Infinity;
  }
}

/**
 * Load of the LAN as heard by this host. Only accepted datagrams and our own
 * count, so garbage silences nobody.
 */

/**
 * Limit of all hosts together, even when all start, are asked or meet again at
 * once. A kernel holds about 92 datagrams until its daemon reads them.
 */
export const LAN_BURST_PER_SECOND = 500;

/** Rate at which hosts hold back: until a datagram has reached every host, others speak too. */
export const HOLD_BACK_PER_SECOND = 400;

/**
 * Anonymous questions counted in that rate. A host that hears a question does
 * not ask, so hosts never send more together, even when thousands start. More
 * are a flood, which must hold nobody back.
 */
export const QUESTIONS_PER_SECOND = 40;

const SECOND_MS = 1_000;

export class LanLoad {
  readonly #all = new LastTimes(HOLD_BACK_PER_SECOND);
  readonly #questions = new LastTimes(QUESTIONS_PER_SECOND);
  /** Time of the last question counted of an address, the earliest first. */
  readonly #askedAt = new Map<string, number>();

  /** A datagram was heard or sent. */
  note(now: number): void {
    this.#all.note(now);
  }

  /** A question without an id was heard; one a second from an address counts. */
  noteQuestion(address: string, now: number): void {
    if (now - this.#questions.oldest < SECOND_MS) return;
    for (const [known, at] of this.#askedAt) {
      if (now - at < SECOND_MS) break;
      this.#askedAt.delete(known);
    }
    if (this.#askedAt.has(address)) return;
    this.#askedAt.set(address, now);
    this.#questions.note(now);
    this.note(now);
  }

  /** Whether as many questions were heard in the last second as hosts ever send. */
  hasManyQuestions(now: number): boolean {
    return now - this.#questions.oldest < SECOND_MS;
  }

  /** Whether the last second reached the limit. */
  isBusy(now: number): boolean {
    return now - this.#all.oldest < SECOND_MS;
  }
}

/** Times of the last few events. */
class LastTimes {
  readonly #times: Float64Array;
  /** The oldest entry, overwritten next. */
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
 * Datagrams waiting to be sent. They leave in short bursts, because a
 * receiver's kernel holds about 90, and loses the excess.
 */

/** Datagrams sent back to back. */
export const BURST_DATAGRAMS = 32;

/** Pause after a burst. */
export const BURST_PAUSE_MS = 20;

/** Datagrams to send at once. */
export interface Burst {
  readonly datagrams: readonly Uint8Array[];
  /** Addresses of their interfaces; `undefined`: all. */
  readonly via: readonly string[] | undefined;
  /** Whether it concerns nobody beyond the LAN. Default: no. */
  readonly isProbe?: boolean;
}

export class SendQueue {
  #waiting: readonly Uint8Array[] = [];
  #via: readonly string[] | undefined;
  #readyAt = -Infinity;

  /** When `take` returns datagrams next. */
  get deadline(): number {
    return this.#waiting.length === 0 ? Infinity : this.#readyAt;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Sends these next, and drops the rest of an earlier announcement. */
  put(datagrams: readonly Uint8Array[], via?: readonly string[]): void {
    this.#waiting = datagrams;
    this.#via = via;
  }

  /** Returns the datagrams to send now. */
  take(now: number): Burst {
    if (now < this.deadline) return NOTHING_TO_SEND;
    const burst = this.#waiting.slice(0, BURST_DATAGRAMS);
    this.#waiting = this.#waiting.slice(BURST_DATAGRAMS);
    this.#readyAt = now + BURST_PAUSE_MS;
    return { datagrams: burst, via: this.#via };
  }

  /** Returns all waiting datagrams, before a goodbye. */
  drain(): readonly Uint8Array[] {
    const all = this.#waiting;
    this.#waiting = NONE;
    return all;
  }
}

const NONE: readonly Uint8Array[] = [];

/** No datagrams to send now. */
export const NOTHING_TO_SEND: Burst = { datagrams: NONE, via: undefined };
