import type { Datagram, Header, RejectReason } from "../codec/announcement.ts";
import { type Envelope, isEnvelope, openEnvelope } from "../codec/envelope.ts";
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
import { farAddress } from "../inventory/far_address.ts";
import { v1HostId } from "../inventory/host.ts";
import type { Inventory } from "../inventory/inventory.ts";
import {
  changeEffects,
  type Counters,
  type Effect,
  type Identity,
  type RefuseReason,
} from "./effect.ts";
import {
  type Arrival,
  type Carrier,
  HUB,
  type Listener,
  type NamedByHub,
  type Proof,
  type TakenIn,
} from "./listener.ts";
import { LockedSenders, noKeyBy } from "./locked_senders.ts";
import type { OwnIdentity } from "./own_identity.ts";
import type { OwnNetworks, PingAnswers } from "./own_networks.ts";
import type { Origin, RateLimiter } from "./rate_limiter.ts";
import type { Relay } from "./relay.ts";
import type { RemarkExchange } from "./remark_exchange.ts";
import { type Age, ageOf, type Remote, type Remotes } from "./remotes.ts";
import type { RivalArrival, Rivals } from "./rivals.ts";
import { SenderProofs } from "./sender_proof.ts";
import type { Speaker } from "./speaker.ts";
import { StrangerAnswers } from "./stranger_answers.ts";
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

/** Where bytes came from. */
interface DatagramSource {
  readonly address: string;
  /** Whether only root may send from the port. */
  readonly isPrivileged: boolean;
  /** Whether it is a peer of this relay. */
  readonly isPeer: boolean;
}

/** What hosts say: each datagram is accepted, with effects, or counted. */
export class Hearing {
  readonly #parts: HearingParts;
  readonly #proofs: SenderProofs;
  readonly #lockedSenders = new LockedSenders();
  readonly #strangerAnswers: StrangerAnswers;
  /** Who pays for the last datagram. */
  #origin: Origin = NOBODY;

  constructor(parts: HearingParts) {
    const { speaker } = parts;
    this.#parts = parts;
    this.#proofs = new SenderProofs(parts);
    this.#strangerAnswers = new StrangerAnswers({
      questions: (now, via) => speaker.asked(now, via),
      newcomers: (now, via) => speaker.mayBeUnknown(now, via),
    });
  }

  /** When `tick` must be called next. */
  get deadline(): number {
    return this.#strangerAnswers.deadline;
  }

  /** Gives the answers that waited. */
  tick(now: number): void {
    this.#strangerAnswers.tick(now);
  }

  /** Addresses whose datagrams cannot be read without another key. */
  lockedSenders(now: number): ReturnType<LockedSenders["list"]> {
    return this.#lockedSenders.list(now);
  }

  /** Processes received bytes. */
  receive(bytes: Uint8Array, source: DatagramSource, now: number): Effect[] {
    const { counters, rateLimiter, relay } = this.#parts;
    counters.received++;
    if (!source.isPeer && relay.isOfPeer(source.address)) {
      // As a peer it says the same to us.
      counters.copies++;
      return NO_EFFECTS;
    }
    const before = counters.refused;
    this.#origin = { address: source.address, id: null };
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

  /** What a relay passes on. */
  #receiveEnvelope(
    bytes: Uint8Array,
    { address, isPrivileged, isPeer }: DatagramSource,
    now: number,
  ): Effect[] {
    const { networks, counters, relay } = this.#parts;
    if (!isPeer && networks.has(address)) {
      counters.own++;
      return NO_EFFECTS;
    }
    if (!isPeer && !networks.isNear(address)) return this.#reject("no-peer");
    const envelope = openEnvelope(bytes);
    if (envelope.format === "rejected") return this.#reject(envelope.reason);
    const { site, from, datagram } = envelope;
    if (isPeer && site === null) {
      // What a relay tells a network that we share with it comes here too.
      if (!networks.isNear(address)) return this.#reject("bad-envelope");
      counters.copies++;
      return NO_EFFECTS;
    }
    // Who is no relay may have come from there, and not know it yet.
    if (relay.isOn && site !== null && site === relay.site) {
      counters.own++;
      return NO_EFFECTS;
    }
    if (isPeer) relay.heardPeer(address, envelope, now);
    if (datagram.length === 0) return NO_EFFECTS;
    return this.#receive(datagram, {
      address: placeOf(envelope, address),
      carrier: { address, isPeer, site, from },
      isPrivileged,
      now,
    });
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
    const { counters } = this.#parts;
    counters.received++;
    const before = counters.refused;
    this.#origin = { address: HUB, id: named.id, isOfHub: true };
    const envelope = openEnvelope(bytes);
    if (envelope.format === "rejected") return this.#reject(envelope.reason);
    const { site, from, datagram } = envelope;
    if (site === null || site !== named.site || from === null) {
      return this.#reject("bad-envelope");
    }
    const effects = this.#receive(datagram, {
      address: farAddress(from, site),
      carrier: { ...named, address: HUB, isPeer: true, from },
      isPrivileged: false,
      now,
    });
    if (counters.refused !== before) {
      this.#origin = { address: HUB, id: named.id, isOfHub: true };
      this.#parts.rateLimiter.refused(this.#origin, now);
    }
    return effects;
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
    if (carrier !== null) this.#origin = this.#originOf(carrier);
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

  /** A relay pays for what it passes on. */
  #originOf({ address, isPeer, site, from, id }: Carrier): Origin {
    // A hub lets nobody speak for others, so each host pays for itself.
    if (id !== undefined) {
      return { address: farAddress(from!, site!), id, isOfHub: true };
    }
    const known = isPeer && site !== null ? farAddress(address, site) : address;
    return { address: known, id: this.#parts.inventory.idAt(known) };
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
    if (header.id === null) return this.#hearQuestion(said, from);
    return this.#hearHost(datagram, said, arrival);
  }

  /** From another network: what only concerns hosts of one is not passed on. */
  #hearFar(
    datagram: Datagram & { format: 2 },
    bytes: Uint8Array,
    arrival: Omit<RivalArrival, "isHere"> & Arrival,
  ): Effect[] {
    const { header } = datagram;
    if (header.key === this.#identity.key.publicKey) {
      this.#parts.counters.own++;
      return NO_EFFECTS;
    }
    const { carrier } = arrival;
    if (carrier?.id !== undefined && header.id !== carrier.id) {
      return this.#reject("wrong-key");
    }
    const said = { header, signed: signatureIn(bytes) };
    if (header.probe || header.answer) return this.#reject("not-local");
    if (header.id === null) return this.#hearPeerQuestion(said, arrival);
    return this.#hearHost(datagram, said, { ...arrival, isHere: false });
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
      if (this.#isPeerNearby(id, arrival)) return NO_EFFECTS;
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
    if (this.#isPeerNearby(id!, arrival)) return NO_EFFECTS;
    const isKnown = inventory.host(id!) !== undefined;
    const heard = age === "copy"
      ? listener.hearCopy(id!, arrival)
      : listener.hear(datagram, arrival, proof);
    if (heard === null) return NO_EFFECTS;
    if (!heard.isCopy) {
      if (carrier === null) speaker.heard();
      if (ask && isKnown && carrier === null) this.#answer(arrival);
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

  /** Whether a proven host is a peer that is heard on a network of ours: it is heard as a peer alone. */
  #isPeerNearby(id: string, { address, carrier }: Arrival): boolean {
    const { relay, counters } = this.#parts;
    if (carrier !== null) {
      if (isPeerItself(carrier)) relay.provenPeer(carrier.address, id);
      return false;
    }
    if (!relay.heardNear(id, address)) return false;
    counters.copies++;
    return true;
  }

  /** A probe, or the answer to one. */
  #hearRival(said: Speaking, arrival: RivalArrival & Arrival): Effect[] {
    const { speaker, rivals, tick } = this.#parts;
    const { header, signed } = said;
    const { probe, answer, key } = header;
    if (!arrival.isHere && !this.#isAnswered(arrival)) {
      return this.#reject("unsigned");
    }
    if (answer && answer.nonce !== speaker.nonce) return NO_EFFECTS;
    const { id } = answer ?? probe!;
    const refusal = this.#refusal({ id, key, signed }, arrival.now);
    if (refusal !== null) return this.#reject(refusal);
    if (answer) return rivals.hearAnswer(answer, header, arrival);
    const effects = rivals.hearProbe(probe!, header, arrival);
    const answered = header.ask
      ? this.#hearQuestion(said, arrival)
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

  /** A question of who does not announce himself with it. */
  #hearQuestion(said: Speaking, arrival: Arrival): Effect[] {
    if (!this.#isAnswered(arrival)) return this.#reject("unsigned");
    const { lanLoad, relay } = this.#parts;
    const { address, now } = arrival;
    lanLoad.noteQuestion(address, now);
    this.#answer(arrival, { isAnonymous: !this.#isProvenQuestion(said, now) });
    if (!relay.isOn) return NO_EFFECTS;
    relay.heardQuestion(arrival);
    return this.#parts.tick(now);
  }

  /** A peer asks for what this relay knows, and is told; its own network is not asked again. */
  #hearPeerQuestion(said: Speaking, arrival: Arrival): Effect[] {
    const { relay, speaker, tick } = this.#parts;
    const { carrier, now } = arrival;
    if (carrier?.isPeer !== true) return this.#reject("not-local");
    if (!this.#isAnswered(arrival)) return this.#reject("unsigned");
    const { key } = said.header;
    const id = key === null ? null : this.#proofs.idOf(key);
    if (id === null) return this.#reject("unsigned");
    const refusal = this.#refusal({ id, key, signed: said.signed }, now);
    if (refusal !== null) return this.#reject(refusal);
    relay.askedByPeer(carrier.address, now);
    speaker.asked(now);
    return tick(now);
  }

  /** Whether a known host asks, and this is no recorded question of it. */
  #isProvenQuestion(
    { header: { key, boot }, signed }: Speaking,
    now: number,
  ): boolean {
    const { inventory, remotes } = this.#parts;
    const id = key === null ? null : this.#proofs.idOf(key);
    if (id === null || inventory.host(id) === undefined) return false;
    const remote = remotes.get(id);
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
    const { address, now, carrier } = arrival;
    // What comes through a tunnel takes nothing of the LAN.
    if (!isCopy && carrier?.isPeer !== true) this.#parts.lanLoad.note(now);
    // Who is far away asks its relay.
    if (isBack && carrier === null && this.#isAnswered(arrival)) {
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
    const { networks, speaker } = this.#parts;
    const via = networks.viaTo(address);
    if (via === "nowhere") return;
    if (isKnown || !speaker.hasToAnswer) {
      return speaker.mayBeUnknown(now, listOf(via));
    }
    this.#strangerAnswers.answer("newcomers", { via: listOf(via), now });
  }

  /** Answers a question, only on the LAN it came from. */
  #answer(arrival: Arrival, { isAnonymous = false } = {}): void {
    if (!this.#isAnswered(arrival)) return;
    const { networks, counters, speaker } = this.#parts;
    const { address, now } = arrival;
    const to = networks.viaTo(address);
    if (to === "nowhere") return counters.reject("not-local");
    const via = listOf(to);
    const isFree = !isAnonymous || networks.has(address) ||
      !speaker.hasToAnswer;
    if (isFree) speaker.asked(now, via);
    else this.#strangerAnswers.answer("questions", { via, now });
  }

  /** With shared keys, only questions of who has one are answered. */
  #isAnswered({ key }: Pick<Arrival, "key">): boolean {
    return key !== null || !this.#parts.trust().hasKeys;
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

/** The address of the host in an envelope, as the inventory keeps it. */
function placeOf({ site, from }: Envelope, relay: string): string {
  const address = from ?? relay;
  return site === null ? address : farAddress(address, site);
}

/** Whether the other relay speaks of itself. */
function isPeerItself({ isPeer, from }: Carrier): boolean {
  return isPeer && from === null;
}

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
