import type { Datagram, Header, RejectReason } from "../codec/announcement.ts";
import { Ed25519, type HostKey, type Signatures } from "../codec/host_key.ts";
import { readDatagram } from "../codec/read_datagram.ts";
import {
  areRemarks,
  readRemarkHeader,
  type RemarkDatagram,
} from "../codec/remark_datagram.ts";
import { withoutMac } from "../codec/sealed.ts";
import {
  type SignedDatagram,
  splitSignature,
} from "../codec/signature_line.ts";
import { splitMac } from "../codec/sealed.ts";
import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Disk } from "../inventory/disk.ts";
import { v1HostId } from "../inventory/host.ts";
import { Inventory } from "../inventory/inventory.ts";
import type { Remark } from "../inventory/remark.ts";
import type { Remarks, RemarkWithProof } from "../inventory/remarks.ts";
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
import {
  type Arrival,
  Listener,
  type Proof,
  type TakenIn,
} from "./listener.ts";
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
import { RemarkExchange } from "./remark_exchange.ts";
import { type Age, ageOf, type Remote, Remotes } from "./remotes.ts";
import { type RivalArrival, Rivals } from "./rivals.ts";
import { SenderProofs } from "./sender_proof.ts";
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
  /** Makes a new key pair. */
  readonly freshKey: () => HostKey;
  /** How hosts prove who they are; default: `Ed25519`. */
  readonly signatures?: Signatures;
  /** Memory limits; default: those of a daemon. */
  readonly limits?: Partial<InventoryLimits>;
  /** Rate limits for datagrams without a shared key; default: those of a daemon. */
  readonly rateLimits?: RateLimits;
  /** Whether our datagrams leave from ports that only root may use; default: no. */
  readonly isPrivileged?: boolean;
  /** The shared keys; default: none, every host may take part. */
  readonly trust?: Trust;
  /** Datagrams accepted by earlier runs; not accepted again. */
  readonly accepted?: Iterable<Accepted>;
  /** The time of day in ms since 1970, of a monotonic time; default: unknown. */
  readonly wallTime?: (now: number) => number;
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
  readonly #remotes: Remotes;
  readonly #proofs: SenderProofs;
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
  readonly #exchange: RemarkExchange;
  #trust: Trust;
  #housekeepingAt = 0;

  constructor(options: PeerOptions) {
    this.#trust = options.trust ?? TRUST_EVERYBODY;
    const inventory = new Inventory(
      {
        ...options.identity,
        id: options.identity.key.id,
        everyMs: options.announceIntervalMs,
        key: this.#trust.keyId,
      },
      options.limits,
    );
    this.inventory = inventory;
    inventory.demandProof(this.#trust.demandsProof);
    inventory.remarks.demandProof(this.#trust.demandsProof);
    inventory.remarks.prove(options.identity.key.id);
    const rateLimiter = new RateLimiter(
      options.rateLimits ?? DEFAULT_RATE_LIMITS,
      (id, address) => inventory.isUpAs(id, address),
    );
    this.#rateLimiter = rateLimiter;
    const { counters } = this;
    const { accepted = [], signatures = new Ed25519() } = options;
    const isListed = (id: string) => inventory.host(id) !== undefined;
    const remotes = new Remotes(accepted, isListed);
    this.#remotes = remotes;
    this.#proofs = new SenderProofs({ signatures, remotes });
    this.#listener = new Listener({
      inventory,
      counters,
      rateLimiter,
      remotes,
    });
    this.#speaker = new Speaker({
      ...options,
      lanLoad: this.#lanLoad,
      view: () => ({
        disks: inventory.self.disks,
        remarks: inventory.remarks.digest,
        othersDatagrams: this.#listener.datagramsARound(),
      }),
    });
    this.#ownIdentity = new OwnIdentity({
      ...options,
      speaker: this.#speaker,
      inventory,
      counters,
    });
    this.#exchange = new RemarkExchange({
      inventory,
      speaker: this.#speaker,
      counters,
      remotes,
      signatures,
      lanLoad: this.#lanLoad,
      random: options.random,
      wallTime: options.wallTime ?? (() => 0),
    });
    this.#rivals = new Rivals({
      ...options,
      speaker: this.#speaker,
      ownIdentity: this.#ownIdentity,
    });
  }

  get remarks(): Remarks {
    return this.inventory.remarks;
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
      this.#strangerAnswers.deadline,
      this.#exchange.deadline,
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
   * Replaces the shared keys. They change the division into parts, so the list
   * counts as a new one.
   */
  trust(trust: Trust, now: number): Effect[] {
    this.#trust = trust;
    this.inventory.demandProof(trust.demandsProof);
    this.remarks.demandProof(trust.demandsProof);
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
    return [
      ...this.#ownIdentity.beginLife(wallMs, now),
      ...this.#exchange.redate(now),
      ...this.tick(now),
    ];
  }

  /**
   * Called when the network appears, or appears again: asks for other hosts.
   * Our own announcement follows the first scan, because others would take an
   * empty list for detached disks.
   */
  join(now: number): Effect[] {
    this.#speaker.join(now);
    return [...this.#exchange.redate(now), ...this.tick(now)];
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

  /** Somebody says something of a disk, here. Other hosts will know. */
  remark(
    said: Pick<Remark, "subject" | "field" | "value">,
    now: number,
  ): Effect[] {
    return [...this.#exchange.say(said, now), ...this.tick(now)];
  }

  /** Takes in remarks of an export. Other hosts will know. */
  takeRemarks(
    remarks: readonly RemarkWithProof[],
    now: number,
  ): { readonly effects: Effect[]; readonly refused: number } {
    const { effects, refused } = this.#exchange.takeExported(remarks, now);
    return { effects: [...effects, ...this.tick(now)], refused };
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
      ...this.#exchange.problems(now),
    ];
  }

  /** Whether datagrams are dropped, so that our own may be lost on the way back. */
  isFlooded(now: number): boolean {
    return this.#rateLimiter.problems(now).length > 0;
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
      : read(opened?.bytes ?? bytes);
    if (key !== null || !this.#trust.hasKeys) {
      this.#origin = { address, id: idOf(datagram, address) };
    }
    const excess = this.#rateLimiter
      .take(this.#origin, { bytes: bytes.length, now });
    if (excess !== null) {
      if (this.#origin.id !== null) this.inventory.missed(this.#origin.id, now);
      return this.#reject(excess);
    }
    const from = { address, now, key };
    if (opened?.format === "rejected") {
      const own = this.#networks.has(address) ? readDatagram(bytes) : null;
      return own?.format === 2 && (own.header.probe || own.header.answer)
        ? this.#hear(own, bytes, { ...from, isPrivileged })
        : this.#rejectUnread(opened.reason, { bytes, address, now });
    }
    // A key that we lack may have authenticated it.
    const plain = key === null ? withoutMac(bytes) : opened?.bytes ?? bytes;
    switch (datagram.format) {
      case 2:
        return this.#hear(datagram, plain, { ...from, isPrivileged });
      case "remarks":
        return this.#hearRemarks(datagram, plain, from);
      case 1:
        // 0.01 signs nothing: this is a signed datagram that came to harm.
        return splitSignature(plain) === null
          ? this.#hearV1(datagram, from)
          : this.#reject("bad-header");
      case "rejected":
        return this.#rejectUnread(datagram.reason, { bytes, address, now });
    }
  }

  /** Does everything due. Call it at `deadline`; extra calls are harmless. */
  tick(now: number): Effect[] {
    const effects = changeEffects(this.inventory.expire(now));
    this.#strangerAnswers.tick(now);
    const { datagrams, via } = this.#speaker.tick(now);
    if (datagrams.length > 0) effects.push(sendEffect(datagrams, via));
    const said = this.#exchange.tick(now);
    if (said.length > 0) effects.push(sendEffect(said, undefined));
    if (now >= this.#housekeepingAt) {
      this.#housekeepingAt = now + HOUSEKEEPING_MS;
      this.#listener.keepHouse(now);
    }
    return effects;
  }

  #hear(
    datagram: Datagram & { format: 2 },
    bytes: Uint8Array,
    { isPrivileged, ...from }: Arrival & { readonly isPrivileged: boolean },
  ): Effect[] {
    const { header } = datagram;
    const isHere = this.#networks.has(from.address);
    const said = { header, signed: signatureIn(bytes) };
    const arrival = { ...from, isHere, isPrivileged };
    if (isHere && this.#isEcho(header)) {
      this.counters.own++;
      if (header.id === null) {
        this.#lanLoad.noteQuestion(from.address, from.now);
      }
      return NO_EFFECTS;
    }
    if (header.probe || header.answer) return this.#hearRival(said, arrival);
    if (header.id === null) return this.#hearQuestion(said, from);
    return this.#hearHost(datagram, said, arrival);
  }

  /** Whether multicast brings back what we said. */
  #isEcho(header: Header): boolean {
    if (header.id === null) return this.#speaker.hasAsked(header);
    return header.key === this.identity.key.publicKey &&
      this.#ownIdentity.saidOurselves(header);
  }

  /** An announcement in the name of a host. */
  #hearHost(
    datagram: Datagram & { format: 2 },
    { header, signed }: Speaking,
    arrival: RivalArrival,
  ): Effect[] {
    const { now, isHere } = arrival;
    const id = header.id!;
    const remote = this.#remotes.find(id);
    const age = remote === undefined ? "fresh" : ageOf(remote, header, now);
    if (age === "old") return this.#reject("old");
    if (age === "copy" && isSameSignature(remote!, signed)) {
      const copy = this.#listener.hearCopy(id, arrival);
      return this.#takeIn(copy, arrival, { isKnown: true });
    }
    const refusal = this.#refusal({ ...header, id, signed }, now);
    if (refusal === "too-costly" || refusal === "too-many") {
      this.inventory.missed(id, now);
    }
    if (refusal !== null) return this.#reject(refusal);
    const neighbours = isHere
      ? this.#rivals.hearNeighbour(header, arrival)
      : null;
    if (neighbours !== null) {
      this.counters.reject("our-id");
      return [...neighbours, ...this.tick(now)];
    }
    if (id === this.identity.key.id) {
      const effects = this.#ownIdentity.hear(header, { now, isHere });
      return [...effects, ...this.tick(now)];
    }
    if (this.#ownIdentity.wasOurs(header)) return this.#reject("our-id");
    const proof = { publicKey: header.key!, signature: signed!.text.slice() };
    return this.#hearProven({ datagram, age, proof }, arrival);
  }

  #hearProven(
    { datagram, age, proof }: {
      readonly datagram: Datagram & { format: 2 };
      readonly age: Age;
      readonly proof: Proof;
    },
    arrival: Arrival,
  ): Effect[] {
    const { id, ask, remarks = null } = datagram.header;
    const isKnown = this.inventory.host(id!) !== undefined;
    const heard = age === "copy"
      ? this.#listener.hearCopy(id!, arrival)
      : this.#listener.hear(datagram, arrival, proof);
    if (heard === null) return NO_EFFECTS;
    if (!heard.isCopy) {
      this.#speaker.heard();
      if (ask && isKnown) this.#answer(arrival);
      const { address, now } = arrival;
      this.#answers.note(id!, { at: now, address });
      const hasKey = arrival.key !== null;
      this.#exchange.heardHost(id!, { hasKey, digest: remarks, now });
    }
    return this.#takeIn(heard, arrival, { isKnown });
  }

  /** A probe, or the answer to one. */
  #hearRival(said: Speaking, arrival: RivalArrival): Effect[] {
    const { header, signed } = said;
    const { probe, answer, key } = header;
    if (!arrival.isHere && !this.#isAnswered(arrival)) {
      return this.#reject("unsigned");
    }
    if (answer && answer.nonce !== this.#speaker.nonce) return NO_EFFECTS;
    const { id } = answer ?? probe!;
    const refusal = this.#refusal({ id, key, signed }, arrival.now);
    if (refusal !== null) return this.#reject(refusal);
    if (answer) return this.#rivals.hearAnswer(answer, header, arrival);
    const effects = this.#rivals.hearProbe(probe!, header, arrival);
    const answered = header.ask
      ? this.#hearQuestion(said, arrival)
      : NO_EFFECTS;
    return [...effects, ...answered, ...this.tick(arrival.now)];
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

  #hearRemarks(
    datagram: RemarkDatagram,
    bytes: Uint8Array,
    { key: sharedKey, now }: Arrival,
  ): Effect[] {
    const { id, key } = datagram.header;
    if (key === this.identity.key.publicKey) {
      this.counters.own++;
      return NO_EFFECTS;
    }
    const hasKey = sharedKey !== null;
    const heard = this.#exchange.hear(datagram, {
      hasKey,
      isAnswered: hasKey || !this.#trust.demandsProof,
      now,
      refusal: () =>
        this.#refusal({ id, key, signed: signatureIn(bytes) }, now),
      spend: () => this.#verify(now),
    });
    return typeof heard === "string"
      ? this.#reject(heard)
      : [...heard, ...this.tick(now)];
  }

  /** Why the sender is not who it says it is. */
  #refusal(
    claimed: Parameters<SenderProofs["refusal"]>[0],
    now: number,
  ): RejectReason | RefuseReason | null {
    return this.#proofs.refusal(claimed, () => this.#verify(now));
  }

  /** Pays for the check of a signature, or returns why there is no time left for it. */
  #verify(now: number): RefuseReason | null {
    return this.#rateLimiter.spend(this.#origin, "verifications", { now });
  }

  /** A question of who does not announce himself with it. */
  #hearQuestion(said: Speaking, arrival: Arrival): Effect[] {
    if (!this.#isAnswered(arrival)) return this.#reject("unsigned");
    const { address, now } = arrival;
    this.#lanLoad.noteQuestion(address, now);
    this.#answer(arrival, { isAnonymous: !this.#isProvenQuestion(said, now) });
    return NO_EFFECTS;
  }

  /** Whether a known host asks, and this is no recorded question of it. */
  #isProvenQuestion(
    { header: { key, boot }, signed }: Speaking,
    now: number,
  ): boolean {
    const id = key === null ? null : this.#proofs.idOf(key);
    if (id === null || this.inventory.host(id) === undefined) return false;
    const remote = this.#remotes.get(id);
    if (boot <= remote.askedAt) return false;
    if (this.#refusal({ id, key, signed }, now) !== null) return false;
    remote.askedAt = boot;
    return true;
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

  /** With shared keys, only questions of who has one are answered. */
  #isAnswered({ key }: Arrival): boolean {
    return key !== null || !this.#trust.hasKeys;
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

/** Parses what comes before the list. */
function read(bytes: Uint8Array): Datagram | RemarkDatagram {
  return areRemarks(bytes) ? readRemarkHeader(bytes) : readDatagram(bytes);
}

/** The host that a datagram says it is from. */
function idOf(
  datagram: Datagram | RemarkDatagram,
  address: string,
): string | null {
  if (datagram.format === "rejected") return null;
  if (datagram.format === "remarks") return datagram.header.id;
  return datagram.format === 2 ? datagram.header.id : v1HostId(address);
}

/** What a datagram says of its sender, not yet proven. */
interface Speaking {
  readonly header: Header;
  readonly signed: SignedDatagram | null;
}

/** The signature of a host may stand before the proof of a shared key that we lack. */
function signatureIn(bytes: Uint8Array): SignedDatagram | null {
  return splitSignature(bytes) ??
    splitSignature(splitMac(bytes)?.message ?? NO_BYTES);
}

const NO_BYTES = new Uint8Array();

function isSameSignature(
  { signature }: Remote,
  signed: SignedDatagram | null,
): boolean {
  return signature !== null && signed !== null &&
    signature.every((byte, i) => byte === signed.text[i]);
}

/** `null` means everywhere. */
function listOf(
  via: readonly string[] | "everywhere",
): readonly string[] | null {
  return via === "everywhere" ? null : via;
}
