import type { Header } from "../codec/announcement.ts";
import {
  type Envelope,
  type FarPlace,
  writeEnvelope,
} from "../codec/envelope.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { type Counters, type Effect, sendEffect } from "./effect.ts";
import type { Arrival } from "./listener.ts";
import type { NoKey } from "./locked_senders.ts";
import { Media } from "./media.ts";
import type { OwnNetworks } from "./own_networks.ts";
import { type Passing, PassingQueue } from "./passing.ts";
import { type PeerState, PeerStates } from "./peer_states.ts";
import type { Speaker } from "./speaker.ts";
import {
  BURST_PAUSE_MS,
  HOLD_BACK_PER_SECOND,
  type LanLoad,
} from "./timing.ts";
import { type ToldList, ToldLists } from "./told_lists.ts";

/** What a relay is to join; see `site`, `peers` and `relay` of the configuration. */
export interface RelaySettings {
  /** Whether to pass anything on. */
  readonly isOn: boolean;
  /** Name of this site; `null`: it has none. */
  readonly site: string | null;
  /** Addresses of the relays of other sites. */
  readonly peers: readonly string[];
}

const NO_RELAY: RelaySettings = { isOn: false, site: null, peers: [] };

/** Hosts of other sites that are passed on to our networks. */
export const MAX_RELAYED_HOSTS = 2_000;

/** Between two answers to the questions of hosts that we hear. */
export const RELAY_ANSWER_GAP_MS = 10_000;

/** Until all hosts of our networks have answered a relay that begins. */
export const JOIN_MS = 3_000;

/** Leaves a LAN at once: no relay alone makes it busy. */
const LAN_BURST = HOLD_BACK_PER_SECOND * BURST_PAUSE_MS / 1_000;

interface RelayParts {
  readonly inventory: Inventory;
  readonly networks: OwnNetworks;
  readonly lanLoad: LanLoad;
  readonly counters: Counters;
  readonly speaker: Pick<Speaker, "mayTalk" | "question">;
}

/** A datagram of a host, to be passed on. */
interface Passed {
  /** Of the host. */
  readonly id: string;
  readonly datagram: Uint8Array;
  readonly place: FarPlace;
  /** The relay on a network of ours that told of it; `null`: there was none. */
  readonly relay: string | null;
}

/**
 * Joins networks: passes on what was accepted as fresh, and nothing else, so
 * that a datagram crosses a relay once and loops end there. Questions cross no
 * relay: it tells itself what it knows of other networks.
 */
export class Relay {
  readonly #parts: RelayParts;
  readonly #media: Media;
  readonly #told = new ToldLists();
  /** Hosts of which a hub kept what is not to be told, before they speak. */
  readonly #unsaid = new Set<string>();
  readonly #toLan: PassingQueue;
  readonly #toPeers = new PassingQueue();
  readonly #peers = new PeerStates();
  /** Hosts of other sites that our networks were told of. */
  #relayed = new Set<string>();
  #settings = NO_RELAY;
  /** Our addresses on the interfaces where somebody asked. */
  #asked = new Set<string>();
  #answerAt = Infinity;
  #answeredAt = -Infinity;
  /** Whether it is not known yet who does not hear whom; with the next answer all our networks are told of each other. */
  #isJoining = false;
  /** Number of datagrams that replace none. */
  #number = 0;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#media = new Media(parts);
    this.#toLan = new PassingQueue({
      burst: LAN_BURST,
      isBusy: (now) => parts.lanLoad.isBusy(now),
    });
  }

  get isOn(): boolean {
    return this.#settings.isOn;
  }

  /** The name of this site; `null`: none is configured. */
  get site(): string | null {
    return this.#settings.site;
  }

  /** The relays that it talks with. */
  get peers(): readonly PeerState[] {
    return this.#peers.all;
  }

  /** What a host of this site announced last; `null`: nothing was heard. */
  nearList(id: string): ToldList | null {
    const told = this.#told.get(id);
    return told !== undefined && this.#isNear(told.place) ? told : null;
  }

  /** When `tick` has something to do next. */
  get deadline(): number {
    if (!this.isOn) return Infinity;
    return Math.min(
      this.#toLan.deadline,
      this.#toPeers.deadline,
      this.#peers.deadline,
      this.#answerAt,
    );
  }

  configure(settings: RelaySettings, now: number): void {
    if (!settings.isOn) this.#forget();
    else if (!this.isOn) {
      this.#isJoining = true;
      this.#answerBy(now + JOIN_MS);
    }
    this.#settings = settings;
    this.#peers.use(settings.isOn ? settings.peers : [], now);
  }

  /** What it knows will be old when it is a relay again. */
  #forget(): void {
    this.#told.clear();
    this.#unsaid.clear();
    this.#toLan.clear();
    this.#toPeers.clear();
    this.#asked.clear();
    this.#answerAt = Infinity;
  }

  /** Whether a peer has this address. */
  isPeer(address: string): boolean {
    return this.#peers.has(address);
  }

  /** Whether a peer speaks from this address, to us or to a network of ours. */
  isOfPeer(address: string): boolean {
    return this.#peers.has(address) || this.#peers.isNear(address);
  }

  /** Which host a peer is, is proven. */
  provenPeer(address: string, id: string): void {
    this.#peers.proven(address, id);
  }

  /** What a peer says of itself is not accepted for want of a key. */
  refusedPeer(address: string, noKey: NoKey): void {
    this.#peers.refused(address, noKey);
  }

  /** A proven host is heard on a network of ours. Returns whether it is a peer. */
  heardNear(id: string, address: string): boolean {
    return this.#peers.heardNear(id, address);
  }

  /** A peer says something, be it only that it is there. */
  heardPeer(address: string, { site, from }: Envelope, now: number): void {
    this.#peers.heard(address, from === null ? site : null, now);
  }

  /** A host is heard with an announcement, or a part of it, that was not heard before. */
  heardFresh(header: Header, arrival: Arrival): void {
    if (!this.isOn) return;
    const { id, part } = header;
    const { datagram } = arrival;
    const source = this.#sourceOf(arrival);
    this.#told.keep(header, datagram, source);
    // Who hears it would take it for said now.
    if (this.#parts.inventory.host(id!)?.liveness === "stale") {
      this.#unsaid.add(id!);
      return;
    }
    const parts = this.#unsaid.delete(id!)
      ? this.#told.get(id!)!.parts
      : new Map([[part, datagram]]);
    for (const [part, datagram] of parts) {
      this.#passOn(`${id} ${part}`, { id: id!, datagram, ...source }, arrival);
    }
  }

  /** Another relay of our networks tells what this one tells too: once is enough. */
  heardAlso({ id, part }: Header, { carrier, datagram, now }: Arrival): void {
    if (!this.isOn || carrier === null || carrier.isPeer) return;
    const told = {
      datagram: writeEnvelope(carrier, datagram),
      to: this.#parts.networks.viasBeside(carrier.address),
    };
    if (this.#toLan.saidByOther(`${id} ${part}`, told, now)) {
      this.#parts.lanLoad.note(now);
    }
  }

  /** Remarks bring news, said by this host. */
  heardRemarks(id: string, arrival: Arrival): void {
    if (!this.isOn) return;
    const passed = {
      id,
      datagram: arrival.datagram,
      ...this.#sourceOf(arrival),
    };
    this.#passOn(`${this.#number++}`, passed, arrival);
  }

  /** A host asks: it is told what it does not hear itself, at once or with all who ask until then. */
  heardQuestion({ address, now }: Arrival): void {
    for (const via of this.#parts.networks.viasBeside(address)) {
      this.#asked.add(via);
    }
    this.#answerBy(now);
  }

  #answerBy(at: number): void {
    if (this.#answerAt !== Infinity) return;
    this.#answerAt = Math.max(at, this.#answeredAt + RELAY_ANSWER_GAP_MS);
  }

  #answer(now: number): void {
    if (now < this.#answerAt) return;
    this.#answerAt = Infinity;
    this.#answeredAt = now;
    const asked = this.#asked;
    const isJoining = this.#isJoining;
    this.#asked = new Set();
    this.#isJoining = false;
    if (isJoining) this.#media.lookAgain();
    for (const told of this.#present()) {
      const isForAll = isJoining && this.#isNear(told.place);
      const to = this.#viasFor(told, now)
        .filter((via) => isForAll || asked.has(via));
      for (const [part, datagram] of told.parts) {
        this.#passToLan(`${told.id} ${part}`, { ...told, datagram }, to);
      }
    }
  }

  /** A peer asks: it is told of all sites but its own. */
  askedByPeer(address: string, now: number): void {
    if (!this.#peers.mayAnswer(address, now)) return;
    for (const told of this.#present()) {
      const to = this.#peersFor(told.place).filter((peer) => peer === address);
      for (const [part, datagram] of told.parts) {
        this.#passToPeers(`${told.id} ${part}`, { ...told, datagram }, to);
      }
    }
  }

  /** What this host says goes to the peers too. */
  said(datagrams: readonly Uint8Array[]): Effect[] {
    const { addresses } = this.#peers;
    if (addresses.length === 0 || datagrams.length === 0) return [];
    const place = { site: this.site, from: null };
    return [{
      kind: "send-far",
      datagrams: datagrams.map((datagram) => writeEnvelope(place, datagram)),
      to: addresses,
    }];
  }

  /** What leaves now. */
  tick(now: number): Effect[] {
    if (!this.isOn) return [];
    this.#answer(now);
    const toLan = this.#toLan.take(now);
    for (const _ of toLan) this.#parts.lanLoad.note(now);
    return [
      ...this.#greetPeers(now),
      ...grouped(toLan).map(({ datagrams, to }) => sendEffect(datagrams, to)),
      ...grouped(this.#toPeers.take(now)).map(
        ({ datagrams, to }): Effect => ({ kind: "send-far", datagrams, to }),
      ),
    ];
  }

  /** Asks the peers that were not heard, and keeps the way to the others open. */
  #greetPeers(now: number): Effect[] {
    const { speaker } = this.#parts;
    const due = this.#peers.takeDue(now, { maySpeak: speaker.mayTalk });
    if (due.length === 0) return [];
    const place = { site: this.site, from: null };
    return due.map(({ address, isAsked }) => {
      const said = isAsked ? speaker.question(now) : [NOTHING];
      return {
        kind: "send-far",
        datagrams: said.map((datagram) => writeEnvelope(place, datagram)),
        to: [address],
      };
    });
  }

  /** Where a host is, as others are to know it, and who told of it. */
  #sourceOf(
    { address, carrier }: Arrival,
  ): Pick<Passed, "place" | "relay"> {
    if (carrier === null) {
      return { place: { site: this.site, from: plain(address) }, relay: null };
    }
    const { site, from, isPeer } = carrier;
    return {
      place: {
        site: site ?? this.site,
        from: from ?? plain(carrier.address),
      },
      relay: isPeer ? null : carrier.address,
    };
  }

  #passOn(key: string, passed: Passed, { carrier, now }: Arrival): void {
    // Another relay of our networks has told them already.
    const told = carrier === null || carrier.isPeer || carrier.site === null
      ? []
      : this.#parts.networks.viasBeside(carrier.address);
    const vias = this.#viasFor(passed, now)
      .filter((via) => !told.includes(via));
    this.#passToLan(key, passed, vias);
    const peers = this.#peersFor(passed.place)
      .filter((peer) => peer !== carrier?.address);
    this.#passToPeers(key, passed, peers);
  }

  /** Our addresses on the interfaces where a host is to be told of. */
  #viasFor(
    { id, place, relay }: Pick<Passed, "id" | "place" | "relay">,
    now: number,
  ): string[] {
    const { networks, inventory } = this.#parts;
    if (!this.#isNear(place)) {
      return this.#mayRelay(id) ? [...networks.vias] : [];
    }
    if (this.#isJoining) return [];
    const heard = this.#media.of(id);
    // Who hears the relay that told of it knows it too.
    const teller = relay === null ? null : inventory.idAt(relay);
    const vias = heard.size > 0 || teller === null
      ? heard
      : this.#media.of(teller);
    return vias.size === 0 ? [] : this.#media.lacking(vias, now);
  }

  #peersFor({ site }: FarPlace): string[] {
    return this.#peers.addresses
      .filter((peer) => site === null || this.#peers.siteOf(peer) !== site);
  }

  #isNear({ site }: FarPlace): boolean {
    return site === this.site;
  }

  /** Whether our networks have room for another host of other sites. */
  #mayRelay(id: string): boolean {
    if (this.#relayed.has(id)) return true;
    const { inventory, counters } = this.#parts;
    if (this.#relayed.size >= MAX_RELAYED_HOSTS) {
      const up = [...this.#relayed]
        .filter((one) => inventory.host(one)?.liveness === "up");
      this.#relayed = new Set(up);
    }
    if (this.#relayed.size >= MAX_RELAYED_HOSTS) {
      counters.reject("not-relayed");
      return false;
    }
    this.#relayed.add(id);
    return true;
  }

  /** What was told by hosts that are up. */
  #present(): ToldList[] {
    const { inventory } = this.#parts;
    return [...this.#told.values()]
      .filter(({ id }) => inventory.host(id)?.liveness === "up");
  }

  #passToLan(key: string, { datagram, place }: Passed, to: string[]): void {
    const shown = this.#isNear(place) ? { ...place, site: null } : place;
    this.#put(this.#toLan, key, {
      datagram: writeEnvelope(shown, datagram),
      to,
    });
  }

  #passToPeers(key: string, { datagram, place }: Passed, to: string[]): void {
    this.#put(this.#toPeers, key, {
      datagram: writeEnvelope(place, datagram),
      to,
    });
  }

  #put(queue: PassingQueue, key: string, passing: Passing): void {
    if (passing.to.length === 0) return;
    if (!queue.put(key, passing)) this.#parts.counters.reject("not-relayed");
  }
}

const NOTHING = new Uint8Array();

/** Without the interface, which means nothing elsewhere. */
function plain(address: string): string {
  return address.split(/[%@]/)[0]!;
}

/** Those in a row that go to the same, together. */
function grouped(
  all: readonly Passing[],
): { readonly datagrams: Uint8Array[]; readonly to: readonly string[] }[] {
  const groups: { datagrams: Uint8Array[]; to: readonly string[] }[] = [];
  for (const { datagram, to } of all) {
    const last = groups.at(-1);
    const isSame = last !== undefined && last.to.join() === to.join();
    if (isSame) last.datagrams.push(datagram);
    else groups.push({ datagrams: [datagram], to });
  }
  return groups;
}
