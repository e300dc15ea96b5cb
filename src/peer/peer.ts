import { Ed25519, type HostKey, type Signatures } from "../codec/host_key.ts";
import { type Trust, TRUST_EVERYBODY } from "../codec/trust.ts";
import type { Disk } from "../inventory/disk.ts";
import { Inventory } from "../inventory/inventory.ts";
import type { Remark } from "../inventory/remark.ts";
import type { Remarks, RemarkWithProof } from "../inventory/remarks.ts";
import {
  DEFAULT_INVENTORY_LIMITS,
  type InventoryLimits,
} from "../inventory/limits.ts";
import {
  type Accepted,
  changeEffects,
  Counters,
  type Effect,
  type Identity,
  sendEffect,
} from "./effect.ts";
import { Hearing } from "./hearing.ts";
import { Listener, type NamedByHub } from "./listener.ts";
import type { LockedSenders } from "./locked_senders.ts";
import { OwnIdentity } from "./own_identity.ts";
import {
  type OwnNetwork,
  OwnNetworks,
  type PingAnswer,
  PingAnswers,
} from "./own_networks.ts";
import type { PeerState } from "./peer_states.ts";
import {
  DEFAULT_RATE_LIMITS,
  RateLimiter,
  type RateLimits,
} from "./rate_limiter.ts";
import { Relay, type RelaySettings } from "./relay.ts";
import { RemarkExchange } from "./remark_exchange.ts";
import { mostRemotes, Remotes } from "./remotes.ts";
import { Rivals } from "./rivals.ts";
import { Speaker } from "./speaker.ts";
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
  readonly #listener: Listener;
  readonly #hearing: Hearing;
  readonly #rateLimiter: RateLimiter;
  readonly #ownIdentity: OwnIdentity;
  readonly #answers = new PingAnswers();
  readonly #networks = new OwnNetworks();
  readonly #exchange: RemarkExchange;
  readonly #relay: Relay;
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
    this.#rateLimiter = new RateLimiter(
      options.rateLimits ?? DEFAULT_RATE_LIMITS,
      (id, address) => inventory.isUpAs(id, address),
    );
    const { accepted = [], signatures = new Ed25519() } = options;
    const isListed = (id: string) => inventory.host(id) !== undefined;
    const common = {
      inventory,
      counters: this.counters,
      rateLimiter: this.#rateLimiter,
      remotes: new Remotes(
        accepted,
        isListed,
        mostRemotes({ ...DEFAULT_INVENTORY_LIMITS, ...options.limits }),
      ),
      lanLoad: this.#lanLoad,
      networks: this.#networks,
      signatures,
    };
    this.#listener = new Listener(common);
    this.#speaker = new Speaker({
      ...options,
      lanLoad: this.#lanLoad,
      view: () => ({
        disks: inventory.self.disks,
        remarks: inventory.remarks.digest,
        site: this.#relay.isOn ? this.#relay.site ?? "" : null,
        othersDatagrams: this.#listener.datagramsARound(),
      }),
    });
    const speaking = { ...common, speaker: this.#speaker };
    this.#relay = new Relay(speaking);
    this.#ownIdentity = new OwnIdentity({ ...options, ...speaking });
    this.#exchange = new RemarkExchange({
      ...speaking,
      random: options.random,
      wallTime: options.wallTime ?? (() => 0),
    });
    this.#hearing = new Hearing({
      ...speaking,
      listener: this.#listener,
      ownIdentity: this.#ownIdentity,
      rivals: new Rivals({
        ...options,
        speaker: this.#speaker,
        ownIdentity: this.#ownIdentity,
      }),
      exchange: this.#exchange,
      relay: this.#relay,
      answers: this.#answers,
      trust: () => this.#trust,
      tick: (now) => this.tick(now),
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
      this.#hearing.deadline,
      this.#exchange.deadline,
      this.#relay.deadline,
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

  /** Joins networks from now on, or no longer. */
  relay(settings: RelaySettings, now: number): Effect[] {
    const begins = settings.isOn && !this.#relay.isOn;
    const isOther = begins || settings.isOn !== this.#relay.isOn ||
      settings.site !== this.#relay.site;
    this.#relay.configure(settings, now);
    this.inventory.siteName = settings.site;
    this.#ownIdentity.describe();
    // Its site is in the header, and so changes the division into parts.
    if (isOther && this.#speaker.hasList) this.#speaker.listChanged(now);
    // It knows no announcement as signed.
    return begins ? this.ask(now) : this.tick(now);
  }

  /** Whether hosts at this address hear us, and we hear them. */
  isInNetwork(address: string): boolean {
    return this.#networks.viasAt(address).length > 0;
  }

  /** Whether that network is the only one of this host. */
  isInOnlyNetwork(address: string): boolean {
    return this.#networks.isInOnly(address);
  }

  /** The relays of other sites that this one talks with. */
  get peers(): readonly PeerState[] {
    return this.#relay.peers;
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
    if (isSame && this.#speaker.hasList) return [];
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
    const datagrams = this.#speaker.bye();
    return [...this.#relay.said(datagrams), { kind: "send", datagrams }];
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
    return this.#hearing.lockedSenders(now);
  }

  /** Processes received bytes and their source: the address, and whether only root may send from the port. */
  receive(
    bytes: Uint8Array,
    address: string,
    now: number,
    { isPrivileged = false }: { readonly isPrivileged?: boolean } = {},
  ): Effect[] {
    const source = { address, isPrivileged, isPeer: false };
    return this.#hearing.receive(bytes, source, now);
  }

  /** The same of what came from another site, to this host alone. What is not of a peer is counted. */
  receiveFar(bytes: Uint8Array, address: string, now: number): Effect[] {
    if (!this.#relay.isPeer(address)) {
      this.counters.received++;
      this.counters.reject("no-peer");
      return [];
    }
    const source = { address, isPrivileged: false, isPeer: true };
    return this.#hearing.receive(bytes, source, now);
  }

  /** The same of what a host put into a hub, see `Hearing`. */
  receiveHub(
    bytes: Uint8Array,
    named: NamedByHub,
    now: number,
  ): Effect[] {
    return this.#hearing.receiveHub(bytes, named, now);
  }

  /** Tells our list from earlier and later ones. */
  get listMark(): string {
    return `${this.identity.key.id} ${this.identity.boot} ${this.#speaker.rev}`;
  }

  /** What a host of this site announced last, if we are a relay; see `Relay`. */
  nearList(id: string): ReturnType<Relay["nearList"]> {
    return this.#relay.nearList(id);
  }

  /** Our whole announcement, for a hub where we speak this often, or less; `null` while nothing may be said. */
  wholeAnnouncement(everyMs: number): Uint8Array[] | null {
    return this.#speaker.wholeAnnouncement(everyMs);
  }

  /** Our goodbye, for a hub. */
  goodbye(): readonly Uint8Array[] {
    return this.#speaker.goodbye();
  }

  /** Address of a daemon with our key on another network; `null`: none is heard. */
  farTwin(now: number): string | null {
    return this.#hearing.farTwin(now);
  }

  /** Records how long the last datagram was processed, effects included. */
  processed(ms: number, now: number): void {
    this.#hearing.processed(ms, now);
  }

  /** Does everything due. Call it at `deadline`; extra calls are harmless. */
  tick(now: number): Effect[] {
    const effects = changeEffects(this.inventory.expire(now));
    this.#hearing.tick(now);
    const { datagrams, via, isProbe = false } = this.#speaker.tick(now);
    const said = this.#exchange.tick(now);
    // A peer that shares a network with us is to hear us as a peer first.
    if (this.#relay.isOn) {
      const farther = [...isProbe ? [] : datagrams, ...said];
      effects.push(...this.#relay.said(farther));
    }
    if (datagrams.length > 0) effects.push(sendEffect(datagrams, via));
    if (said.length > 0) effects.push(sendEffect(said, undefined));
    if (this.#relay.isOn) effects.push(...this.#relay.tick(now));
    if (now >= this.#housekeepingAt) {
      this.#housekeepingAt = now + HOUSEKEEPING_MS;
      this.#listener.keepHouse(now);
    }
    return effects;
  }
}
