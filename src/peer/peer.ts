import type { Datagram, RejectReason } from "../codec/announcement.ts";
import { readDatagram } from "../codec/read_datagram.ts";
import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Disk } from "../inventory/disk.ts";
import { v1HostId } from "../inventory/host.ts";
import { Inventory } from "../inventory/inventory.ts";
import type { InventoryLimits } from "../inventory/limits.ts";
import {
  type Accepted,
  changeEffects,
  Counters,
  type Effect,
  type Identity,
  type RefuseReason,
  sendEffect,
} from "./effect.ts";
import { type Arrival, Listener, type TakenIn } from "./listener.ts";
import { LockedSenders } from "./locked_senders.ts";
import { OwnIdentity } from "./own_identity.ts";
import {
  type OwnNetwork,
  OwnNetworks,
  type PingAnswer,
  PingAnswers,
} from "./own_networks.ts";
import {
  DEFAULT_RATE_LIMITS,
  type Origin,
  RateLimiter,
  type RateLimits,
} from "./rate_limiter.ts";
import { Rivals } from "./rivals.ts";
import { Speaker } from "./speaker.ts";
import { StrangerAnswers } from "./stranger_answers.ts";
import { ANSWER_GAP_MS, LanLoad } from "./timing.ts";

/** Settings that may change at run time. */
export interface PeerSettings {
  /** The name of this host. */
  readonly name?: string;
  readonly announceIntervalMs?: number;
}

export interface PeerOptions {
  readonly identity: Identity;
  /** The largest `boot` of our earlier runs; 0 if unknown. */
  readonly pastBoot: number;
  /** Time between announcements on a small LAN. */
  readonly announceIntervalMs: number;
  /** Returns a number from 0 to below 1. */
  readonly random: () => number;
  /** Makes a unique id. */
  readonly freshId: () => string;
  /** Memory limits; default: those of a daemon. */
  readonly limits?: Partial<InventoryLimits>;
  /** Rate limits for unproven datagrams; default: those of a daemon. */
  readonly rateLimits?: RateLimits;
  /** Whether our datagrams leave from ports that only root may use; default: no. */
  readonly isPrivileged?: boolean;
  /** Our keys; default: none, every sender is believed. */
  readonly trust?: Trust;
  /** Datagrams accepted by earlier runs; not accepted again. */
  readonly accepted?: Iterable<Accepted>;
}

/**
 * The protocol of a host as a state machine: datagrams, scans and time go in,
 * effects and the next deadline come out. It has no clock, socket or randomness
 * of its own, so a test can run a thousand of them for an hour of virtual time
 * in a second.
 *
 * Any bytes are either accepted or counted; nothing is thrown.
 */

/** Time between two cleanups. */
const HOUSEKEEPING_MS = 10_000;

export class Peer {
  readonly inventory: Inventory;
  readonly counters = new Counters();
  readonly #lanLoad = new LanLoad();
  readonly #speaker: Speaker;
  readonly #listener: Listener;
  readonly #lockedSenders = new LockedSenders();
  readonly #strangerAnswers = new StrangerAnswers({
    questions: (now, via) => this.#speaker.asked(now, via),
    newcomers: (now, via) => this.#speaker.mayBeUnknown(now, via),
  });
  readonly #rateLimiter: RateLimiter;
  /** Who pays for the last datagram. */
  #origin: Origin = NOBODY;
  readonly #ownIdentity: OwnIdentity;
  readonly #rivals: Rivals;
  readonly #answers = new PingAnswers();
  readonly #networks = new OwnNetworks();
  #trust: Trust;
  #housekeepingAt = 0;

  constructor(options: PeerOptions) {
    this.#trust = options.trust ?? TRUST_EVERYBODY;
    const inventory = new Inventory(
      {
        ...options.identity,
        everyMs: options.announceIntervalMs,
        key: this.#trust.keyId,
      },
      options.limits,
    );
    this.inventory = inventory;
    inventory.demandProof(this.#trust.demandsProof);
    const rateLimiter = new RateLimiter(
      options.rateLimits ?? DEFAULT_RATE_LIMITS,
      (id, address) => inventory.isUpAs(id, address),
    );
    this.#rateLimiter = rateLimiter;
    const { counters } = this;
    const { accepted } = options;
    this.#listener = new Listener({
      inventory,
      counters,
      rateLimiter,
      accepted,
    });
    this.#speaker = new Speaker({
      ...options,
      lanLoad: this.#lanLoad,
      view: () => ({
        disks: inventory.self.disks,
        othersDatagrams: this.#listener.datagramsARound(),
      }),
    });
    this.#ownIdentity = new OwnIdentity({
      ...options,
      speaker: this.#speaker,
      inventory,
      counters,
    });
    this.#rivals = new Rivals({
      ...options,
      speaker: this.#speaker,
      ownIdentity: this.#ownIdentity,
    });
  }

  get identity(): Identity {
    return this.#speaker.identity;
  }

  /** Datagrams of the last announcement. */
  get announcementDatagrams(): number {
    return this.#speaker.parts;
  }

  /** When `tick` must be called next, monotonic ms. */
  get deadline(): number {
    return Math.min(
      this.#speaker.deadline,
      this.#ownIdentity.deadline,
      this.#strangerAnswers.deadline,
      this.inventory.nextExpiry,
      this.#housekeepingAt,
    );
  }

  /** Changes settings at run time; announces those visible to other hosts. */
  configure({ name, announceIntervalMs }: PeerSettings, now: number): Effect[] {
    if (announceIntervalMs !== undefined) {
      this.#speaker.announceIntervalMs = announceIntervalMs;
    }
    const identity = { ...this.identity, ...name !== undefined && { name } };
    this.#ownIdentity.become(identity, now);
    return this.tick(now);
  }

  /**
   * Replaces the keys. Signatures change the division into parts, so the list
   * counts as a new one.
   */
  trust(trust: Trust, now: number): Effect[] {
    this.#trust = trust;
    this.inventory.demandProof(trust.demandsProof);
    this.#speaker.setTrust(trust, now);
    this.#ownIdentity.describe();
    return this.tick(now);
  }

  /** Sets the networks of the interfaces in use. */
  setOwnNetworks(networks: readonly OwnNetwork[]): void {
    this.#networks.set(networks);
    this.inventory.setOwnAddresses(
      this.#networks.vias,
      (address) => this.#networks.isNear(address),
    );
  }

  /**
   * Called when this host may have gone back to a snapshot with memory, at this
   * time in ms since 1970. Other hosts then know later announcements of ours
   * and take new ones for old, so we announce ourselves with a larger `boot`.
   */
  beginLife(wallMs: number, now: number): Effect[] {
    return [...this.#ownIdentity.beginLife(wallMs, now), ...this.tick(now)];
  }

  /**
   * Called when the network appears, or appears again: asks for other hosts.
   * Our own announcement follows the first scan, because others would take an
   * empty list for detached disks.
   */
  join(now: number): Effect[] {
    this.#speaker.join(now);
    return this.tick(now);
  }

  /**
   * Called after a scan of this host. `disks` is the whole list, announced if
   * it changed, or `null` if the scan failed.
   */
  scanned(disks: readonly Disk[] | null, now: number): Effect[] {
    const { self } = this.inventory;
    const before = self.disks;
    const changes = disks === null ? [] : this.inventory.applyScan(disks, now);
    // Not every change of the list is an event.
    const isSame = self.disks === before && changes.length === 0;
    if (isSame && this.#speaker.hasList) return NO_EFFECTS;
    this.#speaker.listChanged(now);
    return [...changeEffects(changes), ...this.tick(now)];
  }

  /**
   * Announces at once, however recent the last announcement; does nothing
   * before the first scan.
   */
  announce(now: number): Effect[] {
    this.#speaker.command(now, { ask: false });
    return this.tick(now);
  }

  /** Asks all hosts to announce themselves, and begins to record those that do. */
  ask(now: number): Effect[] {
    this.#answers.start();
    this.#speaker.command(now, { ask: true });
    return this.tick(now);
  }

  /** Longest time for the answers of all hosts, in ms, unless the LAN is busy. */
  get longestAnswerMs(): number {
    return Math.max(ANSWER_GAP_MS, this.#speaker.longestAnswerMs);
  }

  /** The first announcements since `ask`, by host id. Ends recording. */
  takeAnswers(): ReadonlyMap<string, PingAnswer> {
    return this.#answers.take();
  }

  /** Says goodbye, so that other hosts know at once. */
  bye(): Effect[] {
    return [{ kind: "send", datagrams: this.#speaker.bye() }];
  }

  /** Attacks on this host for an administrator to know, a sentence each. */
  problems(now: number): string[] {
    return [
      ...this.#rateLimiter.problems(now),
      ...this.inventory.problems(now),
    ];
  }

  /** Addresses whose datagrams cannot be read without another key. */
  lockedSenders(now: number): ReturnType<LockedSenders["list"]> {
    return this.#lockedSenders.list(now);
  }

  /** Processes received bytes and their source: the address, and whether only root may send from the port. */
  receive(
    bytes: Uint8Array,
    address: string,
    now: number,
    { isPrivileged = false }: { readonly isPrivileged?: boolean } = {},
  ): Effect[] {
    const { counters } = this;
    counters.received++;
    const before = counters.refused;
    this.#origin = { address, id: null };
    const effects = this.#receive(bytes, { address, now, isPrivileged });
    if (counters.refused === before) return effects;
    this.#origin = { address, id: null };
    this.#rateLimiter.refused(this.#origin, now);
    return effects;
  }

  /** Records how long the last datagram was processed, effects included. */
  processed(ms: number, now: number): void {
    this.#rateLimiter.processed(this.#origin, { ms, now });
  }

  #receive(
    bytes: Uint8Array,
    { address, now, isPrivileged }: {
      readonly address: string;
      readonly now: number;
      readonly isPrivileged: boolean;
    },
  ): Effect[] {
    // Without keys there is nothing to verify, at no cost.
    const opened = this.#trust.hasKeys ? this.#trust.verify(bytes) : null;
    const key = opened?.format === "opened" ? opened.key : null;
    const datagram = opened?.format === "rejected"
      ? opened
      : readDatagram(opened?.bytes ?? bytes);
    if (key !== null || !this.#trust.hasKeys) {
      this.#origin = { address, id: idOf(datagram, address) };
    }
    const excess = this.#rateLimiter
      .take(this.#origin, { bytes: bytes.length, now });
    if (excess !== null) return this.#reject(excess);
    const from = { address, now, key };
    if (opened?.format === "rejected") {
      const own = this.#networks.has(address) ? readDatagram(bytes) : null;
      return own?.format === 2 && (own.header.probe || own.header.answer)
        ? this.#hear(own, from, isPrivileged)
        : this.#rejectUnread(opened.reason, { bytes, address, now });
    }
    switch (datagram.format) {
      case 2:
        return this.#hear(datagram, from, isPrivileged);
      case 1:
        return this.#hearV1(datagram, from);
      case "rejected":
        return this.#rejectUnread(datagram.reason, { bytes, address, now });
    }
  }

  /** Does everything due. Call it at `deadline`; extra calls are harmless. */
  tick(now: number): Effect[] {
    const effects = changeEffects(this.inventory.expire(now));
    effects.push(...this.#ownIdentity.tick(now));
    this.#strangerAnswers.tick(now);
    const { datagrams, via } = this.#speaker.tick(now);
    if (datagrams.length > 0) effects.push(sendEffect(datagrams, via));
    if (now >= this.#housekeepingAt) {
      this.#housekeepingAt = now + HOUSEKEEPING_MS;
      this.#listener.keepHouse(now);
    }
    return effects;
  }

  #hear(
    datagram: Datagram & { format: 2 },
    arrival: Arrival,
    isPrivileged: boolean,
  ): Effect[] {
    const { header } = datagram;
    const { now } = arrival;
    const isHere = this.#networks.has(arrival.address);
    const from = { ...arrival, isHere, isPrivileged };
    const { probe, answer } = header;
    if (probe || answer) {
      if (!isHere && !this.#isAnswered(arrival)) {
        return this.#reject("unsigned");
      }
      if (answer) return this.#rivals.hearAnswer(answer, header, from);
      const effects = this.#rivals.hearProbe(probe!, header, from);
      return [...effects, ...this.#hearQuestion(arrival), ...this.tick(now)];
    }
    if (header.id === null) return this.#hearQuestion(arrival);
    const neighbours = isHere ? this.#rivals.hearNeighbour(header, from) : null;
    if (neighbours !== null) {
      this.counters.reject("our-id");
      return [...neighbours, ...this.tick(now)];
    }
    if (this.#isOverruled(header.id, arrival)) return this.#reject("unsigned");
    if (header.id === this.identity.id) {
      const isOurs = !this.#networks.isForeign(arrival.address);
      const effects = this.#ownIdentity.hear(header, { now, isOurs });
      return effects === null ? NO_EFFECTS : [...effects, ...this.tick(now)];
    }
    if (this.#ownIdentity.wasOurs(header)) return this.#reject("our-id");
    const isKnown = this.inventory.host(header.id) !== undefined;
    const heard = this.#listener.hear(datagram, arrival);
    if (heard === null) return NO_EFFECTS;
    if (!heard.isCopy) {
      this.#speaker.heard();
      if (header.ask && isKnown) this.#answer(arrival);
      this.#answers.note(header.id, { at: now, address: arrival.address });
    }
    return this.#takeIn(heard, arrival, { isKnown });
  }

  #hearV1(datagram: Datagram & { format: 1 }, arrival: Arrival): Effect[] {
    // 0.01 speaks IPv4 alone.
    if (arrival.address.includes(":")) return this.#reject("bad-version");
    if (this.#networks.has(arrival.address)) return this.#reject("shadowed");
    const heard = this.#listener.hearV1(datagram, arrival);
    return heard === null
      ? NO_EFFECTS
      : this.#takeIn(heard, arrival, { isKnown: false });
  }

  /** An anonymous question. */
  #hearQuestion(arrival: Arrival): Effect[] {
    if (!this.#isAnswered(arrival)) return this.#reject("unsigned");
    this.#lanLoad.noteQuestion(arrival.address, arrival.now);
    this.#answer(arrival, { isAnonymous: true });
    return NO_EFFECTS;
  }

  /**
   * Only a change in our view triggers an answer, so two hosts do not answer
   * each other for ever.
   */
  #takeIn(
    heard: TakenIn,
    arrival: Arrival,
    { isKnown }: { readonly isKnown: boolean },
  ): Effect[] {
    const { accepted, changes, isCopy, isBack } = heard;
    const { address, now } = arrival;
    if (!isCopy) this.#lanLoad.note(now);
    if (isBack && this.#isAnswered(arrival)) {
      this.#greet(address, { isKnown, now });
    }
    if (accepted === null) {
      return changes.length === 0 ? NO_EFFECTS : changeEffects(changes);
    }
    return [accepted, ...changeEffects(changes)];
  }

  /** Announces us to a host that may not know us. */
  #greet(
    address: string,
    { isKnown, now }: { readonly isKnown: boolean; readonly now: number },
  ): void {
    const via = this.#networks.viaTo(address);
    if (via === "nowhere") return;
    if (isKnown || !this.#speaker.hasToAnswer) {
      return this.#speaker.mayBeUnknown(now, listOf(via));
    }
    this.#strangerAnswers.answer("newcomers", { via: listOf(via), now });
  }

  /** Answers a question, only on the LAN it came from. */
  #answer(arrival: Arrival, { isAnonymous = false } = {}): void {
    if (!this.#isAnswered(arrival)) return;
    const { address, now } = arrival;
    const to = this.#networks.viaTo(address);
    if (to === "nowhere") return this.counters.reject("not-local");
    const via = listOf(to);
    const isFree = !isAnonymous || this.#networks.has(address) ||
      !this.#speaker.hasToAnswer;
    if (isFree) this.#speaker.asked(now, via);
    else this.#strangerAnswers.answer("questions", { via, now });
  }

  /** With keys, only signed questions are answered. */
  #isAnswered({ key }: Arrival): boolean {
    return key !== null || !this.#trust.hasKeys;
  }

  /** An unproven datagram cannot speak for a running host that signs, nor for us. */
  #isOverruled(id: string, { key }: Arrival): boolean {
    if (key !== null || !this.#trust.hasKeys) return false;
    const host = this.inventory.host(id);
    return host?.liveness === "up" && host.key !== null;
  }

  #rejectUnread(
    reason: RejectReason,
    arrived: Parameters<LockedSenders["note"]>[1],
  ): Effect[] {
    this.counters.reject(reason);
    const locked = this.#lockedSenders.note(reason, arrived);
    if (locked === null) return NO_EFFECTS;
    return [{ kind: "locked", reason: locked, address: arrived.address }];
  }

  #reject(reason: RejectReason | RefuseReason): Effect[] {
    this.counters.reject(reason);
    return NO_EFFECTS;
  }
}

const NO_EFFECTS: Effect[] = [];
const NOBODY: Origin = { address: "", id: null };

/** The host that a datagram says it is from. */
function idOf(datagram: Datagram, address: string): string | null {
  if (datagram.format === "rejected") return null;
  return datagram.format === 2 ? datagram.header.id : v1HostId(address);
}

/** `null` means everywhere. */
function listOf(
  via: readonly string[] | "everywhere",
): readonly string[] | null {
  return via === "everywhere" ? null : via;
}
