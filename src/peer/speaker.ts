import { type Header, MAX_V2_DATAGRAM_BYTES } from "../codec/announcement.ts";
import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Disk } from "../inventory/disk.ts";
import { STALE_AFTER_INTERVALS } from "../inventory/host.ts";
import { AnnouncementWriter } from "./announcement_writer.ts";
import type { Identity } from "./effect.ts";
import { Probing } from "./probing.ts";
import {
  ANSWER_GAP_MS,
  AskTimer,
  Backoff,
  type Burst,
  type LanLoad,
  longestAnswerWaitMs,
  NOTHING_TO_SEND,
  Schedule,
  SendQueue,
  stretchedIntervalMs,
} from "./timing.ts";

/** State that announcements depend on. */
interface SpeakerView {
  readonly disks: readonly Disk[];
  /** Digest of our remarks; `null` without any. */
  readonly remarks: string | null;
  /** The site of which we are a relay, empty if that has no name; `null`: we are none. */
  readonly site: string | null;
  /** Datagrams in a round of announcements of the other hosts. */
  readonly othersDatagrams: number;
}

interface SpeakerOptions {
  readonly identity: Identity;
  readonly announceIntervalMs: number;
  readonly random: () => number;
  readonly lanLoad: LanLoad;
  readonly view: () => SpeakerView;
  /** Our keys; default: none. */
  readonly trust?: Trust;
}

/** The sending half of the protocol: the time and contents of our announcements. */
export class Speaker {
  readonly #view: () => SpeakerView;
  readonly #lanLoad: LanLoad;
  readonly #schedule: Schedule;
  readonly #askTimer = new AskTimer();
  readonly #backoff: Backoff;
  readonly #sendQueue = new SendQueue();
  readonly #writer: AnnouncementWriter;
  readonly #probing: Probing;
  #announceIntervalMs: number;
  /** The `rev` of the list in the outbox, or last there. */
  #revSaid = 0;
  #parts = 1;
  /** Time and stated interval of our last announcement. */
  #said: { readonly at: number; readonly intervalMs: number } | null = null;
  /** The first `boot` of this life, in ms since 1970, and when that was, monotonic. */
  #start: number;
  #startedAt: number | null = null;
  #askedAt = 0;
  /** A user's command does not wait. */
  #isUrgent = false;
  #isMute = false;

  constructor(options: SpeakerOptions) {
    this.#view = options.view;
    this.#lanLoad = options.lanLoad;
    this.#writer = new AnnouncementWriter(
      options.identity,
      options.trust ?? TRUST_EVERYBODY,
    );
    this.#start = options.identity.boot;
    this.#announceIntervalMs = options.announceIntervalMs;
    this.#schedule = new Schedule(options.announceIntervalMs, options.random);
    this.#backoff = new Backoff(options.lanLoad, options.random);
    this.#probing = new Probing(options.random);
  }

  get identity(): Identity {
    return this.#writer.identity;
  }

  /** The first `boot` of this life: it may be raised later. */
  get start(): number {
    return this.#start;
  }

  /** Id of the shared key that we prove; `null` without one. */
  get keyId(): string | null {
    return this.#writer.trust.keyId;
  }

  /** Whether this is our latest probe or question. */
  hasAsked({ key, boot, probe }: Header): boolean {
    if (key !== this.identity.key.publicKey) return false;
    return probe ? probe.nonce === this.nonce : boot === this.#askedAt;
  }

  /** The site of which we are a relay, empty if that has no name; `null`: we are none. */
  get site(): string | null {
    return this.#view().site;
  }

  /** Number of the last announcement. */
  get seq(): number {
    return this.#writer.seq;
  }

  get deadline(): number {
    if (this.#isMute) return Infinity;
    const due = this.#isUrgent
      ? this.#dueAt
      : Math.max(this.#dueAt, this.#backoff.retryAt);
    return Math.min(due, this.#probing.dueAt);
  }

  get announceIntervalMs(): number {
    return this.#announceIntervalMs;
  }

  set announceIntervalMs(intervalMs: number) {
    this.#announceIntervalMs = intervalMs;
  }

  /** Datagrams of our last announcement. */
  get parts(): number {
    return this.#parts;
  }

  /** Longest time for the answers of the others, unless the LAN is busy. */
  get longestAnswerMs(): number {
    return longestAnswerWaitMs(this.#datagramsARound);
  }

  /** Whether it is not known yet if our id is free: nothing is announced. */
  get isProbing(): boolean {
    return this.#probing.isOn;
  }

  /** Number of our latest probes; `null` before the first. */
  get nonce(): number | null {
    return this.#probing.nonce;
  }

  /** Whether a list was announced, or is due. */
  get hasList(): boolean {
    return this.#writer.rev > 0;
  }

  /**
   * Changes the identity and announces it at once. Another name changes the
   * division into parts, so the list counts as a new one.
   */
  become(identity: Identity, now: number): void {
    this.#writer.identity = identity;
    if (this.hasList) this.listChanged(now);
  }

  /** Another life begins, with this `boot`. */
  beginLife(boot: number, now: number): void {
    this.#start = boot;
    this.#startedAt = now;
  }

  /** Proves other shared keys. This too changes the division into parts. */
  setTrust(trust: Trust, now: number): void {
    this.#writer.trust = trust;
    if (this.hasList) this.listChanged(now);
  }

  /**
   * Asks until another host is heard, and repeats our announcement if there was
   * one. The first time it asks whether our id is free.
   */
  join(now: number): void {
    this.#startedAt ??= now;
    this.#probing.start(now);
    this.#backoff.start(now);
    this.#askTimer.start(now);
    if (this.hasList) this.#schedule.changed(now);
  }

  /** Says nothing any more, not even goodbye: another daemon speaks for this host. */
  fallSilent(): void {
    this.#isMute = true;
  }

  /** A probe besides those of the start. */
  probeNow(): readonly Uint8Array[] {
    const nonce = this.#probing.renewNonce();
    const probe = this.#writer.probe(nonce, { boot: this.#start, ask: false });
    return this.#writer.close(probe);
  }

  /** The answer to a probe; without the shared key if the probe was. */
  answerTo(
    nonce: number,
    how: { readonly isShared: boolean },
  ): readonly Uint8Array[] {
    const answer = this.#writer.answer(nonce, { boot: this.#start });
    return this.#writer.close(answer, how);
  }

  /**
   * Called when the list of disks changed. The first list may come at the same
   * time as those of many other hosts.
   */
  listChanged(now: number): void {
    if (!this.hasList) this.#backoff.start(now);
    this.#writer.nextList();
    this.#schedule.changed(now);
  }

  /** Called when another host was heard. */
  heard(): void {
    this.#askTimer.answered();
  }

  /** Whether a question would cause an announcement that is not due anyway. */
  get hasToAnswer(): boolean {
    return this.hasList && !this.isProbing && !this.#schedule.isAsked;
  }

  /** The time of a question of ours, in ms since 1970; grows. */
  questionTime(now: number): number {
    const sinceStartMs = Math.floor(now - (this.#startedAt ?? now));
    this.#askedAt = Math.max(this.#askedAt + 1, this.#start + sinceStartMs);
    return this.#askedAt;
  }

  /** Whether anything but a probe may be said. */
  get mayTalk(): boolean {
    return !this.#isMute && !this.isProbing;
  }

  /** Room in a datagram before it is closed. */
  get maxBytes(): number {
    return this.#writer.maxBytes;
  }

  /** Signs datagrams, as the last step before sending. */
  close(datagrams: readonly Uint8Array[]): Uint8Array[] {
    return this.#writer.close(datagrams);
  }

  /** Answers a question through the interfaces with the addresses `via`, or all if `null`. */
  asked(now: number, via: readonly string[] | null = null): void {
    this.#askTimer.askedByOther(now);
    this.#answer(now, { isRound: false, via });
  }

  /**
   * Announces us to a host that may not know us, as if asked. Thousands of
   * returning hosts do not trigger each other again and again, because a round
   * of answers ends before the next begins.
   */
  mayBeUnknown(now: number, via: readonly string[] | null = null): void {
    this.#answer(now, { isRound: true, via });
  }

  /** Announces or asks on a user's command, however recent the last announcement. */
  command(now: number, { ask }: { ask: boolean }): void {
    if (this.hasList && !this.isProbing) this.#say(now, ask);
    else if (ask) this.#ask(now);
    this.#isUrgent = !this.#sendQueue.isEmpty;
  }

  /** Announces or asks if it is due and allowed. Returns the datagrams to send now. */
  tick(now: number): Burst {
    if (this.#isMute) return NOTHING_TO_SEND;
    if (now >= this.#probing.dueAt && this.#probing.take(now)) {
      return this.#probe(now);
    }
    if (now < this.#dueAt) return NOTHING_TO_SEND;
    if (!this.#isUrgent && !this.#hasTurn(now)) return NOTHING_TO_SEND;
    if (now >= this.#announceAt) this.#sayWhatIsDue(now);
    else if (now >= this.#askAt) this.#ask(now);
    const burst = this.#sendQueue.take(now);
    for (let i = 0; i < burst.datagrams.length; i++) this.#lanLoad.note(now);
    if (this.#sendQueue.isEmpty) this.#isUrgent = false;
    return { ...burst, datagrams: this.#writer.close(burst.datagrams) };
  }

  /** Returns all waiting datagrams, and a goodbye if anything was announced. */
  bye(): readonly Uint8Array[] {
    if (this.#isMute || this.isProbing) return [];
    return [...this.close(this.#sendQueue.drain()), ...this.goodbye()];
  }

  /** Not before the first scan: the list would be wrong. */
  #answer(
    now: number,
    { isRound, via }: {
      /** Whether to let a round of answers end before the next one. */
      isRound: boolean;
      via: readonly string[] | null;
    },
  ): void {
    if (!this.hasList || this.isProbing) return;
    if (this.#schedule.isAsked) return this.#schedule.askedToo(via);
    // This visits every host, so it is not done for each of thousands of
    // returning hosts.
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

  /**
   * A list is sent completely before it is repeated; otherwise the end of a
   * long list would never leave.
   */
  get #announceAt(): number {
    if (this.isProbing) return Infinity;
    const isOnItsWay = !this.#sendQueue.isEmpty &&
      this.#revSaid === this.#writer.rev;
    return isOnItsWay ? Infinity : this.#schedule.deadline;
  }

  /** Probes ask, and once there is a list, announcements. */
  get #askAt(): number {
    return this.isProbing || this.hasList ? Infinity : this.#askTimer.dueAt;
  }

  get #datagramsARound(): number {
    return this.#view().othersDatagrams + this.#parts;
  }

  get #stretchedMs(): number {
    return stretchedIntervalMs(this.#announceIntervalMs, this.#datagramsARound);
  }

  /** Half an interval, but before others could consider us stale. */
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

  /** An answer heard by some hosts does not count for the others. */
  #sayTo(via: readonly string[], now: number): void {
    this.#sendQueue.put(this.#compose(false).datagrams, via);
    this.#schedule.answered(now);
  }

  /** Our whole announcement. */
  #compose(ask: boolean) {
    const intervalMs = this.#stretchedMs;
    this.#schedule.setInterval(intervalMs);
    const datagrams = this.#write({ intervalMs, ask });
    this.#parts = datagrams.length;
    return { datagrams, intervalMs };
  }

  #write(
    said: {
      readonly intervalMs: number;
      readonly ask: boolean;
      readonly longest?: number;
    },
  ): Uint8Array[] {
    const { disks, remarks, site } = this.#view();
    return this.#writer.announce({ disks, remarks, site, ...said });
  }

  /** Probes, unless so many ask already that they may be thousands. */
  #probe(now: number): Burst {
    if (this.#lanLoad.hasManyQuestions(now)) return NOTHING_TO_SEND;
    this.#askTimer.asked(now);
    const probe = this.#writer.probe(this.nonce!, {
      boot: this.#start,
      ask: true,
    });
    return {
      datagrams: this.#writer.close(probe),
      via: undefined,
      isProbe: true,
    };
  }

  /**
   * Our whole announcement, for a hub where we speak this often, or less; `null`
   * while nothing may be said. No network limits its datagrams, and each costs
   * whoever reads it a check of its signature: so they are as long as any that
   * is accepted.
   */
  wholeAnnouncement(everyMs: number): Uint8Array[] | null {
    if (!this.mayTalk || !this.hasList) return null;
    const intervalMs = Math.max(everyMs, this.#stretchedMs);
    const longest = MAX_V2_DATAGRAM_BYTES;
    return this.close(this.#write({ intervalMs, ask: false, longest }));
  }

  /** Our goodbye. */
  goodbye(): Uint8Array[] {
    if (!this.mayTalk) return [];
    return this.close(this.#writer.announce({
      disks: [],
      intervalMs: this.#announceIntervalMs,
      bye: true,
    }));
  }

  /** Number of our list; grows when it changes. */
  get rev(): number {
    return this.#writer.rev;
  }

  /** A question to a single host; none while nothing may be said. */
  question(now: number): Uint8Array[] {
    if (!this.mayTalk) return [];
    return this.close(this.#writer.ask(this.questionTime(now)));
  }

  /** Asks without an announcement. */
  #ask(now: number): void {
    this.#sendQueue.put(this.#writer.ask(this.questionTime(now)));
    this.#askTimer.asked(now);
  }
}
