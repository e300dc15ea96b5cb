import { writeAnnouncement } from "../codec/write.ts";
import type { Disk } from "../inventory/disk.ts";
import { Outbox } from "./outbox.ts";
import { Schedule, stretchedIntervalMs } from "./schedule.ts";

/** Announcements that ask as well, after joining, while nobody has answered. */
const JOIN_ASKS = 2;

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
  /** Whether no other host is known. */
  readonly alone: boolean;
}

export interface SpeakerOptions {
  readonly identity: Identity;
  readonly announceIntervalMs: number;
  readonly random: () => number;
}

/** The speaking half of the protocol: when this host announces, and what. */
export class Speaker {
  readonly #schedule: Schedule;
  readonly #outbox = new Outbox();
  #identity: Identity;
  #announceIntervalMs: number;
  #seq = 0;
  #rev = 0;
  #parts = 1;
  #asksLeft = 0;

  constructor(options: SpeakerOptions) {
    this.#identity = options.identity;
    this.#announceIntervalMs = options.announceIntervalMs;
    this.#schedule = new Schedule(options.announceIntervalMs, options.random);
  }

  get identity(): Identity {
    return this.#identity;
  }

  get deadline(): number {
    return Math.min(this.#schedule.deadline, this.#outbox.deadline);
  }

  get announceIntervalMs(): number {
    return this.#announceIntervalMs;
  }

  set announceIntervalMs(intervalMs: number) {
    this.#announceIntervalMs = intervalMs;
  }

  /**
   * Goes on under another identity, and says so at once. Another name moves
   * the borders between the parts of a list, so they count as a new one.
   */
  become(identity: Identity, now: number): void {
    this.#identity = identity;
    if (this.hasList) this.listChanged(now);
  }

  /** Asks who is there, without saying who asks; what is known of us already is said again. */
  join(now: number): void {
    this.#asksLeft = JOIN_ASKS;
    this.#outbox.put(anonymousAsk());
    if (this.hasList) this.#schedule.changed(now);
  }

  /** Says the same again, and repeats it. */
  changed(now: number): void {
    this.#schedule.changed(now);
  }

  /** The list of disks is another one. */
  listChanged(now: number): void {
    this.#rev++;
    this.#schedule.changed(now);
  }

  /** Whether a list was ever announced. */
  get hasList(): boolean {
    return this.#rev > 0;
  }

  /** Somebody wants to know who is there; before the first scan we could only lie. */
  asked(now: number, hosts: number): void {
    if (this.hasList) this.#schedule.asked(now, hosts);
  }

  /** Puts an announcement on its way, whether or not one is due. */
  say(view: SpeakerView, now: number, { ask }: { ask: boolean }): void {
    const intervalMs = stretchedIntervalMs(
      this.#announceIntervalMs,
      view.othersDatagrams + this.#parts,
    );
    this.#schedule.setInterval(intervalMs);
    const datagrams = writeAnnouncement({
      ...this.#header(intervalMs),
      ask,
      bye: false,
      disks: view.disks,
    });
    this.#parts = datagrams.length;
    this.#outbox.put(datagrams);
    this.#schedule.spoke(now);
  }

  /** Announces when it is time to. Returns the datagrams that may leave now. */
  tick(view: () => SpeakerView, now: number): readonly Uint8Array[] {
    if (now >= this.#schedule.deadline) {
      const seen = view();
      this.say(seen, now, { ask: this.#asks(seen) });
    }
    return this.#outbox.take(now);
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

  #asks({ alone }: SpeakerView): boolean {
    if (this.#asksLeft === 0 || !alone) return false;
    this.#asksLeft--;
    return true;
  }
}

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
