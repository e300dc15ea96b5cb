import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Disk } from "../inventory/disk.ts";
import { STALE_AFTER_INTERVALS } from "../inventory/host.ts";
import { AnnouncementWriter } from "./announcement_writer.ts";
import type { Identity } from "./effect.ts";
import {
  ANSWER_GAP_MS,
  AskTimer,
  Backoff,
  type Burst,
  type LanLoad,
  longestAnswerWaitMs,
  NOTHING_TO_SEND,
  RebuttalTimer,
  Schedule,
  SendQueue,
  stretchedIntervalMs,
} from "./timing.ts";

/** What an announcement depends on. */
export interface SpeakerView {
  readonly disks: readonly Disk[];
  /** Datagrams that one round of announcements of the other hosts takes. */
  readonly othersDatagrams: number;
}

export interface SpeakerOptions {
  readonly identity: Identity;
  readonly announceIntervalMs: number;
  readonly random: () => number;
  readonly lanLoad: LanLoad;
  readonly view: () => SpeakerView;
  /** Our keys; by default none. */
  readonly trust?: Trust;
}

/** The speaking half of the protocol: when this host announces, and what. */
export class Speaker {
  readonly #view: () => SpeakerView;
  readonly #lanLoad: LanLoad;
  readonly #schedule: Schedule;
  readonly #askTimer = new AskTimer();
  readonly #backoff: Backoff;
  readonly #sendQueue = new SendQueue();
  readonly #rebuttal = new RebuttalTimer();
  readonly #writer: AnnouncementWriter;
  #announceIntervalMs: number;
  /** The `rev` of what is in the outbox, or was last. */
  #revSaid = 0;
  #parts = 1;
  /** What others know of: when we announced last, and how far apart we said that our announcements are. */
  #said: { readonly at: number; readonly intervalMs: number } | null = null;
  /** A user's command does not wait for its turn. */
  #isUrgent = false;

  constructor(options: SpeakerOptions) {
    this.#view = options.view;
    this.#lanLoad = options.lanLoad;
    this.#writer = new AnnouncementWriter(
      options.identity,
      options.trust ?? TRUST_EVERYBODY,
    );
    this.#announceIntervalMs = options.announceIntervalMs;
    this.#schedule = new Schedule(options.announceIntervalMs, options.random);
    this.#backoff = new Backoff(options.lanLoad, options.random);
  }

  get identity(): Identity {
    return this.#writer.identity;
  }

  /** Id of the key that we sign with, `null` when we do not. */
  get keyId(): string | null {
    return this.#writer.trust.keyId;
  }

  /** Number of what was said last. */
  get seq(): number {
    return this.#writer.seq;
  }

  get deadline(): number {
    const due = this.#isUrgent
      ? this.#dueAt
      : Math.max(this.#dueAt, this.#backoff.retryAt);
    return Math.min(due, this.#rebuttal.dueAt);
  }

  get announceIntervalMs(): number {
    return this.#announceIntervalMs;
  }

  set announceIntervalMs(intervalMs: number) {
    this.#announceIntervalMs = intervalMs;
  }

  /** Datagrams that our last announcement took. */
  get parts(): number {
    return this.#parts;
  }

  /** How long the others may take to answer when we ask, unless the LAN is busy. */
  get longestAnswerMs(): number {
    return longestAnswerWaitMs(this.#datagramsARound);
  }

  /** Whether a list was ever announced, or is to be. */
  get hasList(): boolean {
    return this.#writer.rev > 0;
  }

  /**
   * Goes on under another identity, and says so at once. Another name moves
   * the borders between the parts of a list, so they count as a new one.
   */
  become(identity: Identity, now: number): void {
    this.#writer.identity = identity;
    if (this.hasList) this.listChanged(now);
  }

  /** Signs with other keys. That too moves the borders between the parts of a list. */
  setTrust(trust: Trust, now: number): void {
    this.#writer.trust = trust;
    if (this.hasList) this.listChanged(now);
  }

  /** Asks who is there until somebody is heard; what is known of us already is said again. */
  join(now: number): void {
    this.#backoff.start(now);
    this.#askTimer.start(now);
    if (this.hasList) this.#schedule.changed(now);
  }

  /**
   * Somebody speaks in our place: says that we are here, whatever the LAN is
   * busy with. One datagram does, however long the list is: it has the number
   * of the list that others know.
   */
  defend(now: number): void {
    if (this.hasList) this.#rebuttal.start(now);
  }

  /** The list of disks is another one. The first may come when those of many other hosts do. */
  listChanged(now: number): void {
    if (!this.hasList) this.#backoff.start(now);
    this.#writer.nextList();
    this.#schedule.changed(now);
  }

  /** Somebody was heard. */
  heard(): void {
    this.#askTimer.answered();
  }

  /** Somebody wants to know who is there. The answer goes out of the interfaces with the addresses `via`, `null` for all. */
  asked(now: number, via: readonly string[] | null = null): void {
    this.#askTimer.askedByOther(now);
    this.#answer(now, { isRound: false, via });
  }

  /**
   * Somebody may not know us: we announce as if asked. When thousands come
   * back at once they do not make each other speak again and again: a round of
   * answers ends before the next begins.
   */
  mayBeUnknown(now: number, via: readonly string[] | null = null): void {
    this.#answer(now, { isRound: true, via });
  }

  /** A user wants it said now, whatever was said a moment ago. */
  command(now: number, { ask }: { ask: boolean }): void {
    if (this.hasList) this.#say(now, ask);
    else if (ask) this.#ask(now);
    this.#isUrgent = !this.#sendQueue.isEmpty;
  }

  /** Announces or asks when it is time to, and our turn. Returns the datagrams that may leave now. */
  tick(now: number): Burst {
    if (this.#rebuttal.take(now) && this.#sendQueue.isEmpty) {
      return this.#sayWeAreHere(now);
    }
    if (now < this.#dueAt) return NOTHING_TO_SEND;
    if (!this.#isUrgent && !this.#hasTurn(now)) return NOTHING_TO_SEND;
    if (now >= this.#announceAt) this.#sayWhatIsDue(now);
    else if (now >= this.#askAt) this.#ask(now);
    const burst = this.#sendQueue.take(now);
    for (let i = 0; i < burst.datagrams.length; i++) this.#lanLoad.note(now);
    if (this.#sendQueue.isEmpty) this.#isUrgent = false;
    return burst;
  }

  /** What was waiting, and a goodbye. */
  bye(): readonly Uint8Array[] {
    const goodbye = this.#writer.announce({
      disks: [],
      intervalMs: this.#announceIntervalMs,
      bye: true,
    });
    return [...this.#sendQueue.drain(), ...goodbye];
  }

  /** Before the first scan we could only lie. */
  #answer(
    now: number,
    { isRound, via }: {
      /** A round of answers is to end before the next one begins. */
      isRound: boolean;
      via: readonly string[] | null;
    },
  ): void {
    if (!this.hasList) return;
    if (this.#schedule.isAsked) return this.#schedule.askedToo(via);
    // Takes a look at each host, so not for each of thousands that come back.
    const longestWaitMs = this.longestAnswerMs;
    const gapMs = isRound
      ? Math.max(ANSWER_GAP_MS, longestWaitMs)
      : ANSWER_GAP_MS;
    this.#schedule.asked(now, { longestWaitMs, gapMs, via });
  }

  #hasTurn(now: number): boolean {
    return this.#backoff.take(now, {
      isNews: this.#revSaid !== this.#writer.rev,
      latest: (since) => this.#latest(since),
    });
  }

  get #dueAt(): number {
    return Math.min(this.#announceAt, this.#askAt, this.#sendQueue.deadline);
  }

  /** A list that is on its way goes out whole before it is repeated, else a long one's end would never leave. */
  get #announceAt(): number {
    const isOnItsWay = !this.#sendQueue.isEmpty &&
      this.#revSaid === this.#writer.rev;
    return isOnItsWay ? Infinity : this.#schedule.deadline;
  }

  /** With a list, announcements ask. */
  get #askAt(): number {
    return this.hasList ? Infinity : this.#askTimer.dueAt;
  }

  get #datagramsARound(): number {
    return this.#view().othersDatagrams + this.#parts;
  }

  get #stretchedMs(): number {
    return stretchedIntervalMs(this.#announceIntervalMs, this.#datagramsARound);
  }

  /** Half an interval, but not until somebody may take us for stale. */
  #latest(since: number): number {
    const wait = since + this.#stretchedMs / 2;
    if (this.#said === null) return wait;
    const { at, intervalMs } = this.#said;
    return Math.min(wait, at + (STALE_AFTER_INTERVALS - 1) * intervalMs);
  }

  #sayWhatIsDue(now: number): void {
    const via = this.#schedule.viaAt(now);
    if (via === null) this.#say(now, now >= this.#askTimer.dueAt);
    else this.#sayTo(via, now);
  }

  #say(now: number, ask: boolean): void {
    const { datagrams, intervalMs } = this.#compose(ask);
    this.#said = { at: now, intervalMs };
    this.#revSaid = this.#writer.rev;
    this.#sendQueue.put(datagrams);
    this.#schedule.spoke(now);
    if (ask) this.#askTimer.asked(now);
  }

  /** What only some hear is not said to the others. */
  #sayTo(via: readonly string[], now: number): void {
    this.#sendQueue.put(this.#compose(false).datagrams, via);
    this.#schedule.answered(now);
  }

  #sayWeAreHere(now: number): Burst {
    this.#lanLoad.note(now);
    const [first] = this.#compose(false).datagrams;
    return { datagrams: [first!], via: undefined };
  }

  /** All that we have to say. */
  #compose(ask: boolean) {
    const intervalMs = this.#stretchedMs;
    this.#schedule.setInterval(intervalMs);
    const { disks } = this.#view();
    const datagrams = this.#writer.announce({ disks, intervalMs, ask });
    this.#parts = datagrams.length;
    return { datagrams, intervalMs };
  }

  /** Asks without saying who asks. */
  #ask(now: number): void {
    this.#sendQueue.put(this.#writer.ask());
    this.#askTimer.asked(now);
  }
}
