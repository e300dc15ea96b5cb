import type { Disk } from "../inventory/disk.ts";
import { STALE_AFTER_INTERVALS } from "../inventory/host.ts";
import { writeAnnouncement } from "../codec/write.ts";
import type { Air } from "./air.ts";
import { Outbox } from "./outbox.ts";
import { Question } from "./question.ts";
import {
  ANSWER_GAP_MS,
  longestAnswerWaitMs,
  Schedule,
  stretchedIntervalMs,
} from "./schedule.ts";
import { Turn } from "./turn.ts";

/** Who we are to others. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Start of this life, ms since 1970; grows from run to run. */
  readonly boot: number;
}

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
}

/** The speaking half of the protocol: when this host announces, and what. */
export class Speaker {
  readonly #view: () => SpeakerView;
  readonly #air: Air;
  readonly #schedule: Schedule;
  readonly #question = new Question();
  readonly #turn: Turn;
  readonly #outbox = new Outbox();
  #identity: Identity;
  #announceIntervalMs: number;
  #seq = 0;
  #rev = 0;
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
    this.#identity = options.identity;
    this.#announceIntervalMs = options.announceIntervalMs;
    this.#schedule = new Schedule(options.announceIntervalMs, options.random);
    this.#turn = new Turn(options.air, options.random);
  }

  get identity(): Identity {
    return this.#identity;
  }

  get deadline(): number {
    const due = this.#dueAt;
    return this.#isUrgent ? due : Math.max(due, this.#turn.retryAt);
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
    return this.#rev > 0;
  }

  /**
   * Goes on under another identity, and says so at once. Another name moves
   * the borders between the parts of a list, so they count as a new one.
   */
  become(identity: Identity, now: number): void {
    this.#identity = identity;
    if (this.hasList) this.listChanged(now);
  }

  /** Asks who is there until somebody is heard; what is known of us already is said again. */
  join(now: number): void {
    this.#turn.start(now);
    this.#question.start(now);
    if (this.hasList) this.#schedule.changed(now);
  }

  /** Says the same again, and repeats it. */
  changed(now: number): void {
    this.#schedule.changed(now);
  }

  /** The list of disks is another one. The first may come when those of many other hosts do. */
  listChanged(now: number): void {
    if (!this.hasList) this.#turn.start(now);
    this.#rev++;
    this.#schedule.changed(now);
  }

  /** Somebody was heard. */
  heard(): void {
    this.#question.answered();
  }

  /** Somebody wants to know who is there. */
  asked(now: number): void {
    this.#question.askedByOther(now);
    if (this.#mayAnswer) this.#answer(now, ANSWER_GAP_MS);
  }

  /**
   * Somebody may not know us: we announce as if asked. When thousands come
   * back at once they do not make each other speak again and again: a round of
   * answers ends before the next begins.
   */
  mayBeUnknown(now: number): void {
    if (this.#mayAnswer) {
      this.#answer(now, Math.max(ANSWER_GAP_MS, this.longestAnswerMs));
    }
  }

  /** A user wants it said now, whatever was said a moment ago. */
  command(now: number, { ask }: { ask: boolean }): void {
    if (this.hasList) this.#say(now, ask);
    else if (ask) this.#ask(now);
    this.#isUrgent = !this.#outbox.isEmpty;
  }

  /** Announces or asks when it is time to, and our turn. Returns the datagrams that may leave now. */
  tick(now: number): readonly Uint8Array[] {
    if (now < this.#dueAt) return NONE;
    if (!this.#isUrgent && !this.#hasTurn(now)) return NONE;
    if (now >= this.#announceAt) this.#say(now, now >= this.#question.dueAt);
    else if (now >= this.#askAt) this.#ask(now);
    const datagrams = this.#outbox.take(now);
    for (let i = 0; i < datagrams.length; i++) this.#air.note(now);
    if (this.#outbox.isEmpty) this.#isUrgent = false;
    return datagrams;
  }

  /** What was waiting, and a goodbye. */
  bye(): readonly Uint8Array[] {
    const goodbye = writeAnnouncement({
      ...this.#header(this.#announceIntervalMs),
      ask: false,
      bye: true,
      disks: [],
    });
    return [...this.#outbox.drain(), ...goodbye];
  }

  /** Before the first scan we could only lie. */
  get #mayAnswer(): boolean {
    return this.hasList && !this.#schedule.isAsked;
  }

  #answer(now: number, gapMs: number): void {
    const longestWaitMs = this.longestAnswerMs;
    this.#schedule.asked(now, { longestWaitMs, gapMs });
  }

  #hasTurn(now: number): boolean {
    return this.#turn.take(now, {
      isNews: this.#revSaid !== this.#rev,
      latest: (since) => this.#latest(since),
    });
  }

  get #dueAt(): number {
    return Math.min(this.#announceAt, this.#askAt, this.#outbox.deadline);
  }

  /** A list that is on its way goes out whole before it is repeated, else a long one's end would never leave. */
  get #announceAt(): number {
    const isOnItsWay = !this.#outbox.isEmpty && this.#revSaid === this.#rev;
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

  #say(now: number, ask: boolean): void {
    const intervalMs = this.#stretchedMs;
    this.#schedule.setInterval(intervalMs);
    const datagrams = writeAnnouncement({
      ...this.#header(intervalMs),
      ask,
      bye: false,
      disks: this.#view().disks,
    });
    this.#parts = datagrams.length;
    this.#said = { at: now, intervalMs };
    this.#revSaid = this.#rev;
    this.#outbox.put(datagrams);
    this.#schedule.spoke(now);
    if (ask) this.#question.asked(now);
  }

  /** Asks without saying who asks. */
  #ask(now: number): void {
    this.#outbox.put(anonymousAsk());
    this.#question.asked(now);
  }

  #header(intervalMs: number) {
    return {
      id: this.#identity.id,
      host: this.#identity.name,
      version: this.#identity.version,
      boot: this.#identity.boot,
      seq: ++this.#seq,
      rev: this.#rev,
      every: Math.ceil(intervalMs / 1000),
    };
  }
}

const NONE: readonly Uint8Array[] = [];

/** The question of somebody who has no identity, or does not want to be listed yet. */
export function anonymousAsk(): Uint8Array[] {
  return writeAnnouncement({
    id: null,
    host: null,
    version: null,
    boot: 0,
    seq: 0,
    rev: 0,
    every: 1,
    ask: true,
    bye: false,
    disks: [],
  });
}
