import type { Datagram, Header, RejectReason } from "../codec/announcement.ts";
import { isEnvelope } from "../codec/envelope.ts";
import type { Signatures } from "../codec/host_key.ts";
import { readDatagram } from "../codec/read_datagram.ts";
import {
  areRemarks,
  readRemarkHeader,
  type RemarkDatagram,
} from "../codec/remark_datagram.ts";
import { splitMac, withoutMac } from "../codec/sealed.ts";
import {
  type SignedDatagram,
  splitSignature,
} from "../codec/signature_line.ts";
import type { Trust } from "../codec/trust.ts";
import { v1HostId } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import {
  changeEffects,
  type Counters,
  type Effect,
  type Identity,
  type RefuseReason,
} from "./effect.ts";
import { type DatagramSource, Envelopes, isPeerItself } from "./envelopes.ts";
import { FarTwin } from "./far_twin.ts";
import {
  type Arrival,
  HUB,
  type Listener,
  type NamedByHub,
  type Proof,
  type TakenIn,
} from "./listener.ts";
import { LockedSenders, noKeyBy } from "./locked_senders.ts";
import type { OwnIdentity } from "./own_identity.ts";
import type { OwnNetworks, PingAnswers } from "./own_networks.ts";
import { Questions, type Speaking } from "./questions.ts";
import type { Origin, RateLimiter } from "./rate_limiter.ts";
import type { Relay } from "./relay.ts";
import type { RemarkExchange } from "./remark_exchange.ts";
import { type Age, ageOf, type Remote, type Remotes } from "./remotes.ts";
import type { RivalArrival, Rivals } from "./rivals.ts";
import { SenderProofs } from "./sender_proof.ts";
import type { Speaker } from "./speaker.ts";
import type { LanLoad } from "./timing.ts";

interface HearingParts {
  readonly inventory: Inventory;
  readonly counters: Counters;
  readonly rateLimiter: RateLimiter;
  readonly remotes: Remotes;
  readonly signatures: Signatures;
  readonly listener: Listener;
  readonly speaker: Speaker;
  readonly ownIdentity: OwnIdentity;
  readonly rivals: Rivals;
  readonly exchange: RemarkExchange;
  readonly relay: Relay;
  readonly lanLoad: LanLoad;
  readonly networks: OwnNetworks;
  readonly answers: PingAnswers;
  readonly trust: () => Trust;
  /** Does everything due. */
  readonly tick: (now: number) => Effect[];
}

/** What hosts say: each datagram is accepted, with effects, or counted. */
export class Hearing {
  readonly #parts: HearingParts;
  readonly #proofs: SenderProofs;
  readonly #lockedSenders = new LockedSenders();
  readonly #twin = new FarTwin();
  readonly #envelopes: Envelopes;
  readonly #questions: Questions;
  /** Who pays for the last datagram. */
  #origin: Origin = NOBODY;

  constructor(parts: HearingParts) {
    this.#parts = parts;
    this.#proofs = new SenderProofs(parts);
    this.#envelopes = new Envelopes(parts);
    this.#questions = new Questions({
      ...parts,
      idOf: (key) => this.#proofs.idOf(key),
      refusal: (claimed, now) => this.#refusal(claimed, now),
    });
  }

  /** When `tick` must be called next. */
  get deadline(): number {
    return this.#questions.deadline;
  }

  /** Gives the answers that waited. */
  tick(now: number): void {
    this.#questions.tick(now);
  }

  /** Addresses whose datagrams cannot be read without another key. */
  lockedSenders(now: number): ReturnType<LockedSenders["list"]> {
    return this.#lockedSenders.list(now);
  }

  /** Address of a daemon with our key on another network; `null`: none is heard. */
  farTwin(now: number): string | null {
    return this.#twin.at(now);
  }

  /** Processes received bytes. */
  receive(bytes: Uint8Array, source: DatagramSource, now: number): Effect[] {
    const { counters, rateLimiter, relay } = this.#parts;
    counters.received++;
    this.#origin = { address: source.address, id: null };
    if (!source.isPeer && relay.isOfPeer(source.address)) {
      // As a peer it says the same to us.
      counters.copies++;
      return NO_EFFECTS;
    }
    const before = counters.refused;
    // Through a tunnel nothing comes but envelopes: it is no network of ours.
    const effects = source.isPeer || isEnvelope(bytes)
      ? this.#receiveEnvelope(bytes, source, now)
      : this.#receive(bytes, { ...source, now, carrier: null });
    if (counters.refused === before) return effects;
    this.#origin = { address: source.address, id: null };
    rateLimiter.refused(this.#origin, now);
    return effects;
  }

  /** Records how long the last datagram was processed, effects included. */
  processed(ms: number, now: number): void {
    this.#parts.rateLimiter.processed(this.#origin, { ms, now });
  }

  /**
   * What a host put into a hub, or said there, as an envelope; `named`: for whom
   * the hub took it.
   */
  receiveHub(
    bytes: Uint8Array,
    named: NamedByHub,
    now: number,
  ): Effect[] {
    const { counters, rateLimiter } = this.#parts;
    counters.received++;
    const before = counters.refused;
    this.#origin = { address: HUB, id: named.id, isOfHub: true };
    const carried = this.#envelopes.openOfHub(bytes, named, now);
    if (carried === null) return NO_EFFECTS;
    const effects = this.#receive(carried.datagram, {
      ...carried,
      isPrivileged: false,
    });
    if (counters.refused !== before) {
      this.#origin = { address: HUB, id: named.id, isOfHub: true };
      rateLimiter.refused(this.#origin, now);
    }
    return effects;
  }

  /** What a relay passes on. */
  #receiveEnvelope(
    bytes: Uint8Array,
    source: DatagramSource,
    now: number,
  ): Effect[] {
    const { isPrivileged } = source;
    const carried = this.#envelopes.open(bytes, source, now);
    return carried === null
      ? NO_EFFECTS
      : this.#receive(carried.datagram, { ...carried, isPrivileged });
  }

  #receive(
    bytes: Uint8Array,
    { isPrivileged, ...source }: Omit<Arrival, "key" | "datagram"> & {
      readonly isPrivileged: boolean;
    },
  ): Effect[] {
    const { rateLimiter, inventory, networks } = this.#parts;
    const { address, now, carrier } = source;
    const trust = this.#parts.trust();
    // Without keys there is nothing to verify, at no cost.
    const opened = trust.hasKeys ? trust.verify(bytes) : null;
    const key = opened?.format === "opened" ? opened.key : null;
    const datagram = opened?.format === "rejected"
      ? opened
      : read(opened?.bytes ?? bytes);
    if (carrier !== null) this.#origin = this.#envelopes.originOf(carrier);
    else if (key !== null || !trust.hasKeys) {
      this.#origin = { address, id: idOf(datagram, address) };
    }
    const excess = rateLimiter
      .take(this.#origin, { bytes: bytes.length, now });
    if (excess !== null) {
      const id = carrier === null ? this.#origin.id : idOf(datagram, address);
      if (id !== null) inventory.missed(id, now);
      return this.#reject(excess);
    }
    const from = { ...source, key, datagram: bytes };
    if (opened?.format === "rejected") {
      const own = networks.has(address) ? readDatagram(bytes) : null;
      return own?.format === 2 && (own.header.probe || own.header.answer)
        ? this.#hear(own, bytes, { ...from, isPrivileged })
        : this.#rejectUnread(opened.reason, from);
    }
    // A key that we lack may have authenticated it.
    const plain = key === null ? withoutMac(bytes) : opened?.bytes ?? bytes;
    switch (datagram.format) {
      case 2:
        return carrier === null
          ? this.#hear(datagram, plain, { ...from, isPrivileged })
          : this.#hearFar(datagram, plain, { ...from, isPrivileged });
      case "remarks":
        return this.#hearRemarks(datagram, plain, from);
      case 1:
        // 0.01 signs nothing: this is a signed datagram that came to harm.
        return splitSignature(plain) === null
          ? this.#hearV1(datagram, from)
          : this.#reject("bad-header");
      case "rejected":
        return this.#rejectUnread(datagram.reason, from);
    }
  }

  #hear(
    datagram: Datagram & { format: 2 },
    bytes: Uint8Array,
    { isPrivileged, ...from }: Arrival & { readonly isPrivileged: boolean },
  ): Effect[] {
    const { networks, counters, lanLoad } = this.#parts;
    const { header } = datagram;
    const isHere = networks.has(from.address);
    const said = { header, signed: signatureIn(bytes) };
    const arrival = { ...from, isHere, isPrivileged };
    if (isHere && this.#isEcho(header)) {
      counters.own++;
      if (header.id === null) lanLoad.noteQuestion(from.address, from.now);
      return NO_EFFECTS;
    }
    if (header.probe || header.answer) return this.#hearRival(said, arrival);
    if (header.id === null) return this.#questions.hear(said, from);
    return this.#hearHost(datagram, said, arrival);
  }

  /** From another network: what only concerns hosts of one is not passed on. */
  #hearFar(
    datagram: Datagram & { format: 2 },
    bytes: Uint8Array,
    arrival: Omit<RivalArrival, "isHere"> & Arrival,
  ): Effect[] {
    const { header } = datagram;
    const { carrier } = arrival;
    if (carrier?.id !== undefined && header.id !== carrier.id) {
      return this.#reject("wrong-key");
    }
    const said = { header, signed: signatureIn(bytes) };
    if (header.key === this.#identity.key.publicKey) {
      return this.#hearOwnKey(said, arrival);
    }
    if (header.probe || header.answer) return this.#reject("not-local");
    if (header.id === null) return this.#questions.hearPeer(said, arrival);
    return this.#hearHost(datagram, said, { ...arrival, isHere: false });
  }

  /** What we said comes back, or a daemon with our key speaks there. */
  #hearOwnKey(
    { header, signed }: Speaking,
    { address, now }: Arrival,
  ): Effect[] {
    const { counters, ownIdentity } = this.#parts;
    const { id, key } = header;
    if (id === null || ownIdentity.saidOurselves(header)) {
      counters.own++;
      return NO_EFFECTS;
    }
    const refusal = this.#refusal({ id, key, signed }, now);
    if (refusal !== null) return this.#reject(refusal);
    counters.reject("our-id");
    const isNews = this.#twin.hear(header, { address, now });
    return isNews ? [{ kind: "twin", address }] : NO_EFFECTS;
  }

  get #identity(): Identity {
    return this.#parts.speaker.identity;
  }

  /** Whether multicast brings back what we said. */
  #isEcho(header: Header): boolean {
    if (header.id === null) return this.#parts.speaker.hasAsked(header);
    return header.key === this.#identity.key.publicKey &&
      this.#parts.ownIdentity.saidOurselves(header);
  }

  /** An announcement in the name of a host. */
  #hearHost(
    datagram: Datagram & { format: 2 },
    { header, signed }: Speaking,
    arrival: RivalArrival & Arrival,
  ): Effect[] {
    const { remotes, listener, inventory, rivals, ownIdentity, counters } =
      this.#parts;
    const { relay } = this.#parts;
    const { now, isHere, carrier } = arrival;
    const id = header.id!;
    const remote = remotes.find(id);
    const age = remote === undefined ? "fresh" : ageOf(remote, header, now);
    if (age === "old") {
      if (carrier === null) return this.#reject("old");
      // It came another way before, or a relay tells what it knows.
      counters.copies++;
      relay.heardAlso(header, arrival);
      return NO_EFFECTS;
    }
    if (age === "copy") relay.heardAlso(header, arrival);
    if (age === "copy" && isSameSignature(remote!, signed)) {
      if (this.#envelopes.isPeerNearby(id, arrival)) return NO_EFFECTS;
      const copy = listener.hearCopy(id, arrival);
      return this.#takeIn(copy, arrival, { isKnown: true });
    }
    const refusal = this.#refusal({ ...header, id, signed }, now);
    if (refusal === "too-costly" || refusal === "too-many") {
      inventory.missed(id, now);
    }
    if (refusal !== null) return this.#reject(refusal);
    const neighbours = isHere ? rivals.hearNeighbour(header, arrival) : null;
    if (neighbours !== null) {
      counters.reject("our-id");
      return [...neighbours, ...this.#parts.tick(now)];
    }
    if (id === this.#identity.key.id) {
      const effects = ownIdentity.hear(header, { now, isHere });
      return [...effects, ...this.#parts.tick(now)];
    }
    if (ownIdentity.wasOurs(header)) return this.#reject("our-id");
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
    const { inventory, listener, speaker, answers, exchange, relay } =
      this.#parts;
    const { id, ask, remarks = null } = datagram.header;
    const { address, now, carrier } = arrival;
    if (this.#envelopes.isPeerNearby(id!, arrival)) return NO_EFFECTS;
    const isKnown = inventory.host(id!) !== undefined;
    const heard = age === "copy"
      ? listener.hearCopy(id!, arrival)
      : listener.hear(datagram, arrival, proof);
    if (heard === null) return NO_EFFECTS;
    if (!heard.isCopy) {
      if (carrier === null) speaker.heard();
      if (ask && isKnown && carrier === null) this.#questions.answer(arrival);
      if (carrier === null) answers.note(id!, { at: now, address });
      const hasKey = arrival.key !== null;
      const isAsked = carrier === null || isPeerItself(carrier);
      exchange.heardHost(id!, {
        hasKey,
        digest: isAsked ? remarks : undefined,
        now,
      });
      relay.heardFresh(datagram.header, arrival);
    }
    const taken = this.#takeIn(heard, arrival, { isKnown });
    return relay.isOn && !heard.isCopy
      ? [...taken, ...this.#parts.tick(now)]
      : taken;
  }

  /** A probe, or the answer to one. */
  #hearRival(said: Speaking, arrival: RivalArrival & Arrival): Effect[] {
    const { speaker, rivals, tick } = this.#parts;
    const { header, signed } = said;
    const { probe, answer, key } = header;
    if (!arrival.isHere && !this.#questions.isAnswered(arrival)) {
      return this.#reject("unsigned");
    }
    if (answer && answer.nonce !== speaker.nonce) return NO_EFFECTS;
    const { id } = answer ?? probe!;
    const refusal = this.#refusal({ id, key, signed }, arrival.now);
    if (refusal !== null) return this.#reject(refusal);
    if (answer) return rivals.hearAnswer(answer, header, arrival);
    const effects = rivals.hearProbe(probe!, header, arrival);
    const answered = header.ask
      ? this.#questions.hear(said, arrival)
      : NO_EFFECTS;
    return [...effects, ...answered, ...tick(arrival.now)];
  }

  #hearV1(datagram: Datagram & { format: 1 }, arrival: Arrival): Effect[] {
    const { networks, listener } = this.#parts;
    // 0.01 speaks IPv4 alone, and to its own network.
    const { address, carrier } = arrival;
    if (carrier !== null || address.includes(":")) {
      return this.#reject("bad-version");
    }
    if (networks.has(address)) return this.#reject("shadowed");
    const heard = listener.hearV1(datagram, arrival);
    return heard === null
      ? NO_EFFECTS
      : this.#takeIn(heard, arrival, { isKnown: false });
  }

  #hearRemarks(
    datagram: RemarkDatagram,
    bytes: Uint8Array,
    arrival: Arrival,
  ): Effect[] {
    const { counters, exchange, relay, tick } = this.#parts;
    const { key: sharedKey, now } = arrival;
    const { id, key, question } = datagram.header;
    if (key === this.#identity.key.publicKey) {
      counters.own++;
      return NO_EFFECTS;
    }
    const hasKey = sharedKey !== null;
    const heard = exchange.hear(datagram, {
      hasKey,
      isAnswered: hasKey || !this.#parts.trust().demandsProof,
      now,
      refusal: () =>
        this.#refusal({ id, key, signed: signatureIn(bytes) }, now),
      spend: () => this.#verify(now),
    });
    if (typeof heard === "string") return this.#reject(heard);
    const isNews = heard.some(({ kind }) => kind === "remark");
    if (isNews && question === null) relay.heardRemarks(id, arrival);
    return [...heard, ...tick(now)];
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
    return this.#parts.rateLimiter.spend(this.#origin, "verifications", {
      now,
    });
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
    const { address, now, carrier } = arrival;
    // What comes through a tunnel takes nothing of the LAN.
    if (!isCopy && carrier?.isPeer !== true) this.#parts.lanLoad.note(now);
    // Who is far away asks its relay.
    if (isBack && carrier === null && this.#questions.isAnswered(arrival)) {
      this.#questions.greet(address, { isKnown, now });
    }
    if (accepted === null) {
      return changes.length === 0 ? NO_EFFECTS : changeEffects(changes);
    }
    return [accepted, ...changeEffects(changes)];
  }

  #rejectUnread(
    reason: RejectReason,
    { datagram: bytes, address, now, carrier }: Arrival,
  ): Effect[] {
    this.#parts.counters.reject(reason);
    const noKey = noKeyBy(reason, bytes);
    if (noKey !== null && carrier !== null && isPeerItself(carrier)) {
      this.#parts.relay.refusedPeer(carrier.address, noKey);
    }
    const locked = this.#lockedSenders.note(reason, { bytes, address, now });
    if (locked === null) return NO_EFFECTS;
    return [{ kind: "locked", reason: locked, address }];
  }

  #reject(reason: RejectReason | RefuseReason): Effect[] {
    this.#parts.counters.reject(reason);
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
