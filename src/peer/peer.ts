/**
 * The protocol of one host, as a state machine: datagrams, scans and time go
 * in, effects and the next deadline come out. It has no clock, no socket and
 * no randomness of its own, so a test can run a thousand of them for an hour
 * of their time in a second of ours.
 *
 * Whatever bytes arrive, they are taken in or counted; nothing is thrown.
 */
import type { Datagram, Header } from "../codec/announcement.ts";
import { readDatagram } from "../codec/read.ts";
import type { Change } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import { Inventory } from "../inventory/inventory.ts";
import type { InventoryLimits } from "../inventory/limits.ts";
import { Air } from "./air.ts";
import { Counters } from "./counters.ts";
import { type Arrival, type Heard, Listener } from "./listener.ts";
import { ANSWER_GAP_MS } from "./schedule.ts";
import { type Identity, Speaker } from "./speaker.ts";
import { TwoLives } from "./two_lives.ts";

export interface PeerOptions {
  readonly identity: Identity;
  /** The largest `boot` that earlier runs of ours used; 0 when unknown. */
  readonly pastBoot: number;
  /** How far announcements are apart while the LAN is small. */
  readonly announceIntervalMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Makes an id that nobody else has. */
  readonly freshId: () => string;
  /** What it remembers at most; by default what a daemon does. */
  readonly limits?: InventoryLimits;
}

/** What the outside has to do. */
export type Effect =
  /** Send these on every interface, now and back to back. */
  | { readonly kind: "send"; readonly datagrams: readonly Uint8Array[] }
  /** Tell whoever watches. */
  | { readonly kind: "change"; readonly change: Change }
  /** Keep this identity for the next start. */
  | {
    readonly kind: "identity";
    readonly identity: Identity;
    /** `moved`: another daemon had our id. `raised`: it has gone, and we took back our place. */
    readonly reason: "moved" | "raised";
  };

/** How often what is left over is looked through. */
const HOUSEKEEPING_MS = 10_000;

export class Peer {
  readonly inventory: Inventory;
  readonly counters = new Counters();
  readonly #freshId: () => string;
  readonly #air = new Air();
  readonly #speaker: Speaker;
  readonly #listener: Listener;
  readonly #twoLives: TwoLives;
  #answers: Map<string, number> | null = null;
  #housekeepingAt = 0;
  #ownAddresses = new Set<string>();

  constructor(options: PeerOptions) {
    this.#freshId = options.freshId;
    this.#twoLives = new TwoLives(options.pastBoot);
    this.inventory = new Inventory(
      { ...options.identity, everyMs: options.announceIntervalMs },
      options.limits,
    );
    this.#listener = new Listener(this.inventory, this.counters);
    this.#speaker = new Speaker({
      ...options,
      air: this.#air,
      view: () => ({
        disks: this.inventory.self.disks,
        othersDatagrams: this.#listener.datagramsARound(),
      }),
    });
  }

  get identity(): Identity {
    return this.#speaker.identity;
  }

  /** Datagrams of the announcement that was made last. */
  get announcementDatagrams(): number {
    return this.#speaker.parts;
  }

  /** When `tick` next has something to do, monotonic ms. */
  get deadline(): number {
    return Math.min(
      this.#speaker.deadline,
      this.#twoLives.deadline,
      this.inventory.nextExpiry,
      this.#housekeepingAt,
    );
  }

  /** Changes what may change while it runs; announced when others see it. */
  configure(
    options: { name: string; announceIntervalMs: number },
    now: number,
  ): Effect[] {
    this.#speaker.announceIntervalMs = options.announceIntervalMs;
    this.#become({ ...this.identity, name: options.name }, now);
    return this.tick(now);
  }

  /** The addresses of the interfaces that we speak on. */
  setOwnAddresses(addresses: readonly string[]): void {
    this.#ownAddresses = new Set(addresses);
    this.inventory.setOwnAddresses(addresses);
  }

  /**
   * The network is there, or there anew: asks who else is. We say who we are
   * once the first scan is over, since an empty list would make others believe
   * that our disks have left.
   */
  join(now: number): Effect[] {
    this.#speaker.join(now);
    return this.tick(now);
  }

  /**
   * A scan of this host is over. `disks` is all of them, announced when they
   * are others than before, or `null` when the scan could not tell.
   */
  scanned(disks: readonly Disk[] | null, now: number): Effect[] {
    const changes = disks === null ? [] : this.inventory.applyScan(disks, now);
    if (changes.length === 0 && this.#speaker.hasList) return NO_EFFECTS;
    this.#speaker.listChanged(now);
    return [...asEffects(changes), ...this.tick(now)];
  }

  /** Announces now, whatever was said a moment ago; nothing before the first scan. */
  announce(now: number): Effect[] {
    this.#speaker.command(now, { ask: false });
    return this.tick(now);
  }

  /** Asks everybody to announce, and begins to note who does. */
  ask(now: number): Effect[] {
    this.#answers = new Map();
    this.#speaker.command(now, { ask: true });
    return this.tick(now);
  }

  /** How long all others may take to answer when asked, in ms, unless the LAN is busy. */
  get longestAnswerMs(): number {
    return Math.max(ANSWER_GAP_MS, this.#speaker.longestAnswerMs);
  }

  /** Who has announced since `ask`, by host id, and when. Ends the noting. */
  takeAnswers(): ReadonlyMap<string, number> {
    const answers = this.#answers ?? new Map();
    this.#answers = null;
    return answers;
  }

  /** The last word: others need not wait to see that we are gone. */
  bye(): Effect[] {
    return [{ kind: "send", datagrams: this.#speaker.bye() }];
  }

  /** Bytes that arrived, and the address that they came from. */
  receive(bytes: Uint8Array, address: string, now: number): Effect[] {
    this.counters.received++;
    const datagram = readDatagram(bytes);
    switch (datagram.format) {
      case 2:
        return this.#hear(datagram, { address, now });
      case 1:
        return this.#hearV1(datagram, { address, now });
      default:
        this.counters.reject(datagram.reason);
        return NO_EFFECTS;
    }
  }

  /** Does what is due. To be called at `deadline`, and harmless at any time. */
  tick(now: number): Effect[] {
    const effects = asEffects(this.inventory.expire(now));
    const boot = this.#twoLives.raisedBoot(now);
    if (boot !== null) {
      this.#become({ ...this.identity, boot }, now);
      effects.push(this.#identityEffect("raised"));
    }
    const datagrams = this.#speaker.tick(now);
    if (datagrams.length > 0) effects.push({ kind: "send", datagrams });
    if (now >= this.#housekeepingAt) {
      this.#housekeepingAt = now + HOUSEKEEPING_MS;
      this.#listener.keepHouse(now);
    }
    return effects;
  }

  #hear(datagram: Datagram & { format: 2 }, arrival: Arrival): Effect[] {
    const { header } = datagram;
    const { now } = arrival;
    if (header.id === this.identity.id) return this.#hearOwnId(header, now);
    if (header.id === null) {
      this.#air.note(now);
      this.#speaker.asked(now);
      return NO_EFFECTS;
    }
    const heard = this.#listener.hear(datagram, arrival);
    if (heard === null) return NO_EFFECTS;
    if (!heard.isCopy) {
      this.#speaker.heard();
      if (header.ask) this.#speaker.asked(now);
      this.#noteAnswer(header.id, now);
    }
    return this.#takeIn(heard, now);
  }

  #hearV1(datagram: Datagram & { format: 1 }, arrival: Arrival): Effect[] {
    if (this.#ownAddresses.has(arrival.address)) {
      this.counters.reject("shadowed");
      return NO_EFFECTS;
    }
    const heard = this.#listener.hearV1(datagram, arrival);
    return heard === null ? NO_EFFECTS : this.#takeIn(heard, arrival.now);
  }

  /** Whoever comes back announces that, and so we do not answer each other for ever. */
  #takeIn({ changes, isCopy, isBack }: Heard, now: number): Effect[] {
    if (!isCopy) this.#air.note(now);
    if (isBack) this.#speaker.mayBeUnknown(now);
    return changes.length === 0 ? NO_EFFECTS : asEffects(changes);
  }

  /** Our own datagrams come back to us; others under our id are another daemon's. */
  #hearOwnId(header: Header, now: number): Effect[] {
    if (header.boot === this.identity.boot) {
      this.counters.own++;
      return NO_EFFECTS;
    }
    this.counters.reject("our-id");
    const verdict = this.#twoLives.hear(header, this.identity.boot, now);
    if (verdict === "ignore") return NO_EFFECTS;
    if (verdict === "speak") {
      this.#speaker.changed(now);
      return this.tick(now);
    }
    this.#become({ ...this.identity, id: this.#freshId() }, now);
    return [this.#identityEffect("moved"), ...this.tick(now)];
  }

  #become(identity: Identity, now: number): void {
    this.#speaker.become(identity, now);
    const everyMs = this.#speaker.announceIntervalMs;
    this.inventory.describeSelf({ ...identity, everyMs });
  }

  #identityEffect(reason: "moved" | "raised"): Effect {
    return { kind: "identity", identity: this.identity, reason };
  }

  #noteAnswer(id: string, now: number): void {
    if (this.#answers === null || this.#answers.has(id)) return;
    this.#answers.set(id, now);
  }
}

const NO_EFFECTS: Effect[] = [];

function asEffects(changes: readonly Change[]): Effect[] {
  return changes.map((change) => ({ kind: "change", change }));
}
