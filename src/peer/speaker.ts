import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Disk } from "../inventory/disk.ts";
import { STALE_AFTER_INTERVALS } from "../inventory/host.ts";
import { Voice } from "./announcement_writer.ts";
import type { Identity } from "./effect.ts";
import {
  type Air,
  ANSWER_GAP_MS,
  type Burst,
  Defence,
  longestAnswerWaitMs,
  NOTHING,
  Outbox,
  Question,
  Schedule,
  stretchedIntervalMs,
  Turn,
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
  readonly air: Air;
  readonly view: () => SpeakerView;
  /** Our keys; by default none. */
  readonly trust?: Trust;
}

/** The speaking half of the protocol: when this host announces, and what. */
export class Speaker {
  readonly #view: () => SpeakerView;
  readonly #air: Air;
  readonly #schedule: Schedule;
  readonly #question = new Question();
  readonly #turn: Turn;
  readonly #outbox = new Outbox();
  readonly #defence = new Defence();
  readonly #voice: Voice;
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
    this.#air = options.air;
    this.#voice = new Voice(options.identity, options.trust ?? TRUST_EVERYBODY);
    this.#announceIntervalMs = options.announceIntervalMs;
    this.#schedule = new Schedule(options.announceIntervalMs, options.random);
    this.#turn = new Turn(options.air, options.random);
  }

  get identity(): Identity {
    return this.#voice.identity;
  }

  /** Id of the key that we sign with, `null` when we do not. */
  get keyId(): string | null {
    return this.#voice.trust.keyId;
  }

  /** Number of what was said last. */
  get seq(): number {
    return this.#voice.seq;
  }

  get deadline(): number {
    const due = this.#isUrgent
      ? this.#dueAt
      : Math.max(this.#dueAt, this.#turn.retryAt);
    return Math.min(due, this.#defence.dueAt);
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
    return this.#voice.rev > 0;
  }

  /**
   * Goes on under another identity, and says so at once. Another name moves
   * the borders between the parts of a list, so they count as a new one.
   */
  become(identity: Identity, now: number): void {
    this.#voice.identity = identity;
    if (this.hasList) this.listChanged(now);
  }

  /** Signs with other keys. That too moves the borders between the parts of a list. */
  setTrust(trust: Trust, now: number): void {
    this.#voice.trust = trust;
    if (this.hasList) this.listChanged(now);
  }

  /** Asks who is there until somebody is heard; what is known of us already is said again. */
  join(now: number): void {
    this.#turn.start(now);
    this.#question.start(now);
    if (this.hasList) this.#schedule.changed(now);
  }

  /**
   * Somebody speaks in our place: says that we are here, whatever the LAN is
   * busy with. One datagram does, however long the list is: it has the number
   * of the list that others know.
   */
  defend(now: number): void {
    if (this.hasList) this.#defence.start(now);
  }

  /** The list of disks is another one. The first may come when those of many other hosts do. */
  listChanged(now: number): void {
    if (!this.hasList) this.#turn.start(now);
    this.#voice.nextList();
    this.#schedule.changed(now);
  }

  /** Somebody was heard. */
  heard(): void {
    this.#question.answered();
  }

  /** Somebody wants to know who is there. The answer goes out of the interfaces with the addresses `via`, `null` for all. */
  asked(now: number, via: readonly string[] | null = null): void {
    this.#question.askedByOther(now);
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
    this.#isUrgent = !this.#outbox.isEmpty;
  }

  /** Announces or asks when it is time to, and our turn. Returns the datagrams that may leave now. */
  tick(now: number): Burst {
    if (this.#defence.take(now) && this.#outbox.isEmpty) {
      return this.#sayWeAreHere(now);
    }
    if (now < this.#dueAt) return NOTHING;
    if (!this.#isUrgent && !this.#hasTurn(now)) return NOTHING;
    if (now >= this.#announceAt) this.#sayWhatIsDue(now);
    else if (now >= this.#askAt) this.#ask(now);
    const burst = this.#outbox.take(now);
    for (let i = 0; i < burst.datagrams.length; i++) this.#air.note(now);
    if (this.#outbox.isEmpty) this.#isUrgent = false;
    return burst;
  }

  /** What was waiting, and a goodbye. */
  bye(): readonly Uint8Array[] {
    const goodbye = this.#voice.announce({
      disks: [],
      intervalMs: this.#announceIntervalMs,
      bye: true,
    });
    return [...this.#outbox.drain(), ...goodbye];
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
    return this.#turn.take(now, {
      isNews: this.#revSaid !== this.#voice.rev,
      latest: (since) => this.#latest(since),
    });
  }

  get #dueAt(): number {
    return Math.min(this.#announceAt, this.#askAt, this.#outbox.deadline);
  }

  /** A list that is on its way goes out whole before it is repeated, else a long one's end would never leave. */
  get #announceAt(): number {
    const isOnItsWay = !this.#outbox.isEmpty &&
      this.#revSaid === this.#voice.rev;
    return isOnItsWay ? Infinity : this.#schedule.deadline;
  }

  /** With a list, announcements ask. */
  get #askAt(): number {
    return this.hasList ? Infinity : this.#question.dueAt;
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
    if (via === null) this.#say(now, now >= this.#question.dueAt);
    else this.#sayTo(via, now);
  }

  #say(now: number, ask: boolean): void {
    const { datagrams, intervalMs } = this.#compose(ask);
    this.#said = { at: now, intervalMs };
    this.#revSaid = this.#voice.rev;
    this.#outbox.put(datagrams);
    this.#schedule.spoke(now);
    if (ask) this.#question.asked(now);
  }

  /** What only some hear is not said to the others. */
  #sayTo(via: readonly string[], now: number): void {
    this.#outbox.put(this.#compose(false).datagrams, via);
    this.#schedule.answered(now);
  }

  #sayWeAreHere(now: number): Burst {
    this.#air.note(now);
    const [first] = this.#compose(false).datagrams;
    return { datagrams: [first!], via: undefined };
  }

  /** All that we have to say. */
  #compose(ask: boolean) {
    const intervalMs = this.#stretchedMs;
    this.#schedule.setInterval(intervalMs);
    const { disks } = this.#view();
    const datagrams = this.#voice.announce({ disks, intervalMs, ask });
    this.#parts = datagrams.length;
    return { datagrams, intervalMs };
  }

  /** Asks without saying who asks. */
  #ask(now: number): void {
    this.#outbox.put(this.#voice.ask());
    this.#question.asked(now);
  }
}
