import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import type { InventoryLimits } from "../../src/inventory/limits.ts";
import type { Remark } from "../../src/inventory/remark.ts";
import type { RemarkWithProof } from "../../src/inventory/remarks.ts";
import type { Accepted, Effect } from "../../src/peer/effect.ts";
import { Peer, type PeerOptions } from "../../src/peer/peer.ts";
import type { OwnNetwork } from "../../src/peer/own_networks.ts";
import type { RelaySettings } from "../../src/peer/relay.ts";
import type { Trust } from "../../src/codec/trust.ts";
import type { RateLimits } from "../../src/peer/rate_limiter.ts";
import type { Agenda } from "./agenda.ts";
import type { Dice } from "./dice.ts";
import type { History, TrueHost, View } from "./history.ts";
import { KeptIdentity } from "./kept_identity.ts";
import { LIARS_NETWORK, type Victim } from "./liars.ts";
import type { LooseDisk } from "./loose_disk.ts";
import type { Medium } from "./medium.ts";
import { type NetworkPlace, type Plugged, Port } from "./port.ts";
import { shownDisk, shownHost } from "./shown.ts";

import { TEST_SIGNATURES } from "../support/host_keys.ts";

/** How often a host repeats itself on a small LAN. */
export const INTERVAL_MS = 30_000;

/** What all machines of a simulation share. */
export interface Surroundings {
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly medium: Medium;
  readonly history: History;
  readonly limits: InventoryLimits;
  readonly rateLimits: RateLimits;
  /** Its shared key. */
  readonly trust?: Trust;
  /** Whether nobody asks what it showed: that costs much among thousands. */
  readonly isUnobserved?: boolean;
  /** Where relays of different sites talk with each other. */
  readonly tunnels?: Medium;
  readonly machine: (id: string) => Machine | undefined;
}

/** When the simulation begins, by the wall clock. */
const WALL_CLOCK_MS = 1_790_000_000_000;

/** A computer that may run the daemon: its disks, its clocks, its network, and what its state directory holds. */
export class Machine implements Plugged {
  name: string;
  disks: readonly LooseDisk[] = [];
  readonly #sim: Surroundings;
  medium: Medium;
  /** Its other networks. */
  readonly #ports: readonly Port[];
  /** Its end of the tunnels; `null`: it has none. */
  readonly far: Port | null;
  #relay: RelaySettings | null = null;
  readonly #firstName: string;
  readonly #identity: KeptIdentity;
  #address: string;
  /** The kernel makes it of the hardware's, so no lease changes it. */
  readonly #ipv6: string | null;
  #hasCable = true;
  #asleepSince: number | null = null;
  #peer: Peer | null = null;
  #life = 0;
  #stamp = 0;
  /** What its lives accepted last, by host. */
  readonly #accepted = new Map<string, Accepted>();
  /** What its state directory holds of remarks: those of others are written a moment later. */
  #keptRemarks: readonly RemarkWithProof[] = [];
  #wallOffsetMs = 0;
  /** Monotonic clocks begin anywhere, and stand still while the machine sleeps. */
  #monotonicOffsetMs: number;
  #wakeUpAt = Infinity;
  readonly #listsSeen = new Map<string, readonly Disk[]>();
  /** Brings back the state in which the daemon was when it started. */
  #goBackToStart = () => {};

  /** `keyId` is another's on a clone. */
  constructor(
    { name, keyId, address, ipv6, more = [], far }: {
      readonly name: string;
      readonly keyId: string;
      readonly address: string;
      readonly ipv6: string | null;
      /** Other networks, and its addresses there. */
      readonly more?: readonly (readonly [Medium, string])[];
      /** Its address in the tunnels. */
      readonly far?: string | undefined;
    },
    sim: Surroundings,
  ) {
    this.#firstName = name;
    this.#identity = new KeptIdentity(keyId, {
      seed: `id-${name}`,
      wallClock: () => this.#wallClock,
    });
    this.name = name;
    this.#address = address;
    this.#ipv6 = ipv6;
    this.#sim = sim;
    this.#monotonicOffsetMs = sim.dice.whole(0, 1e9);
    this.medium = sim.medium;
    sim.medium.add(this);
    this.#ports = more.map(([medium, address]) =>
      new Port(this, address, medium)
    );
    this.far = far === undefined || sim.tunnels === undefined
      ? null
      : new Port(this, far, sim.tunnels);
  }

  /** As others are to show it. */
  get id(): string {
    return this.#identity.id;
  }

  /** Who could be lied about; `null` while nobody there hears it. */
  get victim(): Victim | null {
    if (this.#peer === null || this.address === null) return null;
    const { key: { id }, boot } = this.#peer.identity;
    return { id, boot };
  }

  get address(): string | null {
    return this.#hasCable && !this.isAsleep ? this.#address : null;
  }

  get ipv6(): string | null {
    return this.address === null ? null : this.#ipv6;
  }

  /** Its address as soon as it has a cable. */
  get lease(): string {
    return this.#address;
  }

  get hasCable(): boolean {
    return this.#hasCable;
  }

  get isAsleep(): boolean {
    return this.#asleepSince !== null;
  }

  get isRunning(): boolean {
    return this.#peer !== null;
  }

  receive(bytes: Uint8Array, from: string, at?: Port): void {
    const peer = this.#peer;
    if (peer === null) return;
    const effects = at !== undefined && at === this.far
      ? peer.receiveFar(bytes, from, this.#now)
      : peer.receive(bytes, from, this.#now);
    for (const effect of effects) {
      if (effect.kind !== "accepted") continue;
      this.#noteBelief(effect.id, from);
    }
    this.#do(effects);
    if (!this.#sim.isUnobserved) this.#observe(peer);
  }

  /** Starts the daemon; its first scan takes a moment. */
  start(): void {
    if (this.#peer !== null) return;
    this.#begin({ ...this.#openIdentity(), ...this.#peerOptions() });
    if (this.#relay !== null) this.joinSites(this.#relay);
    this.#do(this.#peer!.join(this.#now));
    this.#scanAfter(this.#sim.dice.between(5, 600));
  }

  /**
   * Goes back to a snapshot with memory, of when the daemon had just started.
   * Its clock is set somewhat later.
   */
  goBack(clockSetAfterMs: number): void {
    if (this.#peer === null) return;
    this.#goBackToStart();
    this.#sim.history.remarks.push({ remark: null, by: this.id });
    this.#scanAfter(this.#sim.dice.between(5, 600));
    const { agenda } = this.#sim;
    agenda.at(agenda.now + clockSetAfterMs, () => this.#noticeClock());
  }

  /** Ends it without a goodbye. */
  crash(): void {
    this.#peer = null;
  }

  stop(): void {
    if (this.#peer !== null) this.#do(this.#peer.bye());
    this.#keepRemarks();
    this.#peer = null;
  }

  sleep(): void {
    this.#asleepSince ??= this.#sim.agenda.now;
  }

  wake(): void {
    if (this.#asleepSince === null) return;
    this.#monotonicOffsetMs -= this.#sim.agenda.now - this.#asleepSince;
    this.#asleepSince = null;
    this.#wakeUpAt = Infinity;
    this.#planWakeUp();
    this.#noticeClock();
  }

  setClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
    this.#noticeClock();
  }

  unplugCable(): void {
    this.#hasCable = false;
    this.#peer?.setOwnNetworks([]);
  }

  /** The cable goes into another network. */
  plugInto(medium: Medium, address: string): void {
    this.unplugCable();
    this.medium.remove(this);
    this.medium = medium;
    medium.add(this);
    this.plugCable(address);
  }

  /** It is a relay from now on. */
  joinSites(settings: RelaySettings): void {
    this.#relay = settings;
    if (this.#peer) this.#do(this.#peer.relay(settings, this.#now));
  }

  /** Where it is, with its address on each network. */
  get places(): readonly NetworkPlace[] {
    return [{ medium: this.medium, lease: this.#address }, ...this.#ports];
  }

  /** The interface is there again, perhaps with another address. */
  plugCable(address = this.#address): void {
    this.#hasCable = true;
    this.#address = address;
    if (this.#peer === null) return;
    this.#peer.setOwnNetworks(this.#ownNetworks);
    this.#do(this.#peer.join(this.#now));
  }

  rename(name: string): void {
    this.name = name;
    const settings = { name, announceIntervalMs: INTERVAL_MS };
    if (this.#peer) this.#do(this.#peer.configure(settings, this.#now));
  }

  /** The disks are others now; the daemon notices a moment later. */
  setDisks(disks: readonly LooseDisk[]): void {
    this.disks = disks;
    this.#stamp++;
    this.#scanAfter(this.#sim.dice.between(5, 100));
  }

  announce(): void {
    if (this.#peer) this.#do(this.#peer.announce(this.#now));
  }

  /** Somebody says something of a disk there. */
  remark(said: Pick<Remark, "subject" | "field" | "value">): void {
    if (this.#peer === null) return;
    this.#do(this.#peer.remark(said, this.#now));
    this.#keepRemarks();
  }

  #keepRemarks(): void {
    if (this.#peer !== null) this.#keptRemarks = [...this.#peer.remarks.kept()];
  }

  ping(): void {
    if (this.#peer) this.#do(this.#peer.ask(this.#now));
  }

  get truth(): TrueHost {
    return {
      id: this.id,
      name: this.name,
      address: this.#address,
      ipv6: this.#ipv6,
      isRunning: this.isRunning,
      disks: this.#scanResult().map(shownDisk),
    };
  }

  /** What it shows, `null` when nobody is there to ask. */
  get view(): View | null {
    const peer = this.#peer;
    if (peer === null) return null;
    const hosts = [...peer.inventory.hosts()].map(shownHost);
    const remarks = [...peer.remarks.counting.all()];
    return { viewer: this.#viewer, hostId: this.id, hosts, remarks };
  }

  get #viewer(): string {
    return `${this.#firstName} life ${this.#life}`;
  }

  get #now(): number {
    const since = this.#asleepSince ?? this.#sim.agenda.now;
    return since + this.#monotonicOffsetMs;
  }

  get #wallClock(): number {
    return WALL_CLOCK_MS + this.#sim.agenda.now + this.#wallOffsetMs;
  }

  #begin(options: PeerOptions): void {
    const bringBackIdentity = this.#identity.snapshot();
    const accepted = [...this.#accepted];
    const keptRemarks = this.#keptRemarks;
    this.#life++;
    this.#peer = new Peer(options);
    for (const one of keptRemarks) this.#peer.remarks.keep(one);
    this.#listsSeen.clear();
    this.#peer.setOwnNetworks(this.#ownNetworks);
    this.#goBackToStart = () => {
      bringBackIdentity();
      this.#keptRemarks = keptRemarks;
      this.name = options.identity.name;
      this.#accepted.clear();
      for (const [id, one] of accepted) this.#accepted.set(id, one);
      this.#begin({ ...options, accepted: this.#accepted.values() });
    };
  }

  /** The daemon finds that it slept, or that its clock was set. */
  #noticeClock(): void {
    if (this.#peer === null || this.isAsleep) return;
    this.#do(this.#peer.beginLife(this.#wallClock, this.#now));
    this.#do(this.#peer.join(this.#now));
  }

  #openIdentity() {
    const { key, boot, pastBoot } = this.#identity.open();
    return {
      identity: { key, boot, name: this.name, version: "0.1.0" },
      pastBoot,
    };
  }

  #peerOptions() {
    return {
      announceIntervalMs: INTERVAL_MS,
      random: this.#sim.dice.random,
      freshKey: this.#identity.freshKey,
      signatures: TEST_SIGNATURES,
      wallTime: (now: number) => this.#wallClock + now - this.#now,
      limits: this.#sim.limits,
      rateLimits: this.#sim.rateLimits,
      ...(this.#sim.trust !== undefined && { trust: this.#sim.trust }),
      accepted: this.#accepted.values(),
    };
  }

  #scanAfter(durationMs: number): void {
    const life = this.#life;
    const { agenda } = this.#sim;
    const scan = () => {
      if (this.#peer === null || this.#life !== life) return;
      if (this.isAsleep) return agenda.at(agenda.now + 1_000, scan);
      this.#do(this.#peer.scanned(this.#scanResult(), this.#now));
    };
    agenda.at(agenda.now + durationMs, scan);
  }

  #scanResult(): Disk[] {
    return this.disks.map((disk, i) =>
      makeDisk({ ...disk, device: `/dev/sd${i}`, size: this.#stamp })
    );
  }

  get #ownNetworks(): OwnNetwork[] {
    const others = this.#ports.map(({ lease }) => [lease]);
    return [[this.#address, this.#ipv6], ...others].flatMap(networksOf);
  }

  #do(effects: readonly Effect[]): void {
    const { history } = this.#sim;
    for (const effect of effects) {
      if (effect.kind === "identity") this.#identity.keep(effect.identity);
      if (effect.kind === "accepted") this.#accepted.set(effect.id, effect);
      if (effect.kind === "remark" && effect.remark.by === this.id) {
        history.remarks.push({ remark: effect.remark, by: this.id });
      }
      if (this.address === null) continue;
      if (effect.kind === "send") this.#send(effect);
      if (effect.kind === "send-far") this.#sendFar(effect);
    }
    this.#planWakeUp();
  }

  #send({ datagrams, via }: Effect & { readonly kind: "send" }): void {
    for (const port of [this, ...this.#ports]) {
      if (port.address === null) continue;
      if (this.#ports.length > 0 && via?.includes(port.address) === false) {
        continue;
      }
      for (const bytes of datagrams) {
        this.#note(bytes, port.address, port.medium.name);
        port.medium.send(port, bytes);
      }
    }
  }

  #sendFar({ datagrams, to }: Effect & { readonly kind: "send-far" }): void {
    const { far } = this;
    if (far === null || far.address === null) return;
    for (const bytes of datagrams) {
      for (const address of to) {
        this.#note(bytes, far.address, `${far.medium.name} ${address}`);
        far.medium.sendTo(address, far, bytes);
      }
    }
  }

  #note(bytes: Uint8Array, from: string, to: string): void {
    const { agenda, history } = this.#sim;
    history.wire.push({
      at: agenda.now,
      from,
      by: this.#viewer,
      to,
      bytes,
    });
  }

  /** Timers count whole milliseconds, and are late rather than early. */
  #planWakeUp(): void {
    const { agenda } = this.#sim;
    if (this.#peer === null || this.isAsleep) return;
    const sleepMs = Math.max(0, this.#peer.deadline - this.#now);
    const at = agenda.now + Math.floor(sleepMs) + 1;
    if (at >= this.#wakeUpAt) return;
    this.#wakeUpAt = at;
    agenda.at(at, () => {
      if (this.#wakeUpAt !== at || this.isAsleep) return;
      this.#wakeUpAt = Infinity;
      if (this.#peer) this.#do(this.#peer.tick(this.#now));
    });
  }

  #noteBelief(hostId: string, from: string): void {
    const { agenda, history, machine } = this.#sim;
    if (!from.startsWith(LIARS_NETWORK) || !machine(hostId)) return;
    history.believed.push({ at: agenda.now, viewer: this.#viewer, hostId });
  }

  /** Notes which lists the view shows that it did not before. */
  #observe(peer: Peer): void {
    for (const { id, disks } of peer.inventory.hosts()) {
      if (this.#listsSeen.get(id) === disks) continue;
      this.#listsSeen.set(id, disks);
      this.#sim.history.shown.push({
        at: this.#sim.agenda.now,
        viewer: this.#viewer,
        hostId: id,
        stamps: disks.map(({ size }) => size),
      });
    }
  }
}

/** Of one interface, in each family. */
function networksOf(
  addresses: readonly (string | null)[],
  number: number,
): OwnNetwork[] {
  return addresses.filter((address) => address !== null).map((address) => ({
    address,
    prefixLength: 8,
    device: `eth${number}`,
    via: address,
  }));
}
