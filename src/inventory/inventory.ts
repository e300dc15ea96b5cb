import { heardFrom } from "./addresses.ts";
import { type Applied, noRoom, NOTHING_NEW, shortageOf } from "./applied.ts";
import { AwaitedDisks } from "./awaited.ts";
import { findPredecessor } from "./before_keys.ts";
import { type Change, withKnownNames } from "./change.ts";
import { type Disk, nameAt } from "./disk.ts";
import { splitAddress } from "./far_address.ts";
import { type Host, type HostInfo, isV1HostId } from "./host.ts";
import { uniqueName } from "./host_names.ts";
import { withinLayerLimit } from "./layers.ts";
import { type KnownHost, staleAt } from "./known_host.ts";
import { KnownHosts, type Rekeyed } from "./known_hosts.ts";
import {
  DEFAULT_INVENTORY_LIMITS,
  type Forgotten,
  type InventoryLimits,
} from "./limits.ts";
import {
  inStateOrder,
  type Place,
  placeOn,
  placeSeen,
  presentOrPast,
  shownDisks,
  STATE_ORDER,
  stateOn,
} from "./place.ts";
import {
  type HostIdentifiers,
  type Resolved,
  resolveDisks,
} from "./resolve.ts";
import {
  learn,
  type Memory,
  type RememberedHost,
  type RememberedSighting,
  restore,
} from "./restore.ts";
import { type PlaceMemory, replaceDisks } from "./replace_disks.ts";
import type { NameHolder, NameHolders } from "./name_holders.ts";
import { restoreLate } from "./restore_late.ts";
import { sayCutLists } from "./shortage.ts";
import { Remarks } from "./remarks.ts";
import { MAX_CROWDED_EVERY_MS, wasLongUp } from "./standing.ts";
import { type Sighting, Sightings } from "./sightings.ts";

/**
 * All known hosts and disks, and their changes.
 *
 * Three inputs change it: `applyScan` (a scan of this host),
 * `applyAnnouncement` (another host announced itself; `disks` is null without
 * news), and `expire` (time passed). Each returns the changes. Before all of
 * them, `restore` may load the state of an earlier run. Nothing here knows of
 * datagrams, sockets or clocks; `now` is monotonic milliseconds.
 *
 * A UUID is no key: clones, snapshots and btrfs members share it. The key of an
 * attached disk is (host id, device).
 */

export class Inventory {
  /** Notes, names and tags of disks. */
  readonly remarks = new Remarks();
  /** Configured name of this site; `null`: none. */
  siteName: string | null = null;
  /** Also hosts that were relays: among 10,000 hosts, every row needs the name of the site. */
  readonly #relayIds = new Set<string>();
  readonly #hosts: KnownHosts;
  readonly #sightings: Sightings;
  readonly #awaited = new AwaitedDisks();
  /** All of them. */
  readonly #memory: PlaceMemory;
  #demandsProof = false;
  #nextExpiry = Infinity;
  #forgetAt = -Infinity;

  /** Limits that are not given are those of a daemon. */
  constructor(self: HostInfo, given: Partial<InventoryLimits> = {}) {
    const limits = { ...DEFAULT_INVENTORY_LIMITS, ...given };
    this.#hosts = new KnownHosts(self, limits);
    this.#sightings = new Sightings(limits, this.#hosts.forgotten);
    this.#memory = {
      hosts: this.#hosts,
      sightings: this.#sightings,
      awaited: this.#awaited,
    };
  }

  /** This host. */
  get self(): Host {
    return this.#hosts.self;
  }

  /** Counts of entries dropped at a limit. */
  get forgotten(): Forgotten {
    return this.#hosts.forgotten;
  }

  /** When `expire` must be called next. */
  get nextExpiry(): number {
    return Math.min(this.#nextExpiry, this.#awaited.nextExpiry);
  }

  /**
   * Loads the state of the last stop; must be called first. Other hosts count
   * as silent until heard. The first scan is compared with the remembered disks
   * of this host.
   */
  restore(memory: Memory): void {
    restore(this.#provable(memory), this.#memory);
  }

  /** The same after hosts were heard, without any change; see `restoreLate`. */
  restoreLate(memory: Memory): void {
    restoreLate(this.#provable(memory), this.#memory);
  }

  /** Adds last places of disks that no host has, unless later ones are known. */
  learn(past: readonly RememberedSighting[]): void {
    learn(past.filter(this.#isProvable), this.#memory);
  }

  /** Changes this host's description. */
  describeSelf(info: HostInfo): void {
    this.#hosts.describeSelf(info);
  }

  /** Sets the present addresses of this host. `isNear`: in one of its networks. */
  setOwnAddresses(
    addresses: readonly string[],
    isNear: (address: string) => boolean = () => true,
  ): void {
    this.#hosts.setOwnAddresses(addresses);
    this.#hosts.room.isNear = isNear;
  }

  /** Applies a scan of this host. */
  applyScan(disks: readonly Disk[], now: number): Change[] {
    const { self } = this.#hosts;
    const seenAt = self.isRemembered ? self.heardAt : now;
    if (self.isRemembered) self.startedAt = now;
    self.heardAt = now;
    const whole = withinLayerLimit(withKnownNames(disks, self.disks));
    const front = this.#hosts.room.fit(self, whole, now);
    return replaceDisks(this.#memory, self, { whole, front, now, seenAt });
  }

  /**
   * Applies an announcement of another host. `disks` is its whole list, or
   * `null` if the list is known already. `announcedAt`: when its first part
   * arrived, if not now. `heardAt`: when the host said it, if it was kept
   * elsewhere since; after a long silence the host is not up, and nobody is told
   * that it was.
   */
  applyAnnouncement(
    info: HostInfo,
    disks: readonly Disk[] | null,
    { address, now, announcedAt, heardAt = now, hasStarted = false }: {
      address: string;
      now: number;
      announcedAt?: number;
      heardAt?: number;
      /** Whether its daemon has started since it was last heard. */
      hasStarted?: boolean;
    },
  ): Applied {
    const isNew = this.#hosts.get(info.id) === undefined;
    const known = this.#hosts.get(info.id) ??
      this.#takeOver(info, disks, address);
    const host = known ?? this.#hosts.admit(info, { address, now });
    if (typeof host === "string") return noRoom(host);
    const wasUp = known !== undefined && known.liveness === "up";
    const lastAt = isNew ? heardAt : Math.max(heardAt, host.heardAt);
    if (!wasUp) this.#hosts.silent.delete(host);
    // Disks lost while it was silent left at an unknown time.
    const seenAt = wasUp ? now : host.heardAt;
    const hasOtherName = isNew || host.name !== info.name;
    this.#hosts.rename(host, info.name, now);
    if (!isV1HostId(host.id)) {
      this.#hosts.proved(host);
      this.#hosts.holders.take(host.name, host.id, now);
    }
    host.version = info.version;
    host.everyMs = this.#hosts.isCrowded(address)
      ? Math.min(info.everyMs, MAX_CROWDED_EVERY_MS)
      : info.everyMs;
    host.key = info.key ?? null;
    host.relayOf = info.relayOf ?? null;
    if (host.relayOf !== null) this.#relayIds.add(host.id);
    const newcomer = hasOtherName ? this.#tellNewcomer(host, now) : NO_CHANGES;
    if (hasStarted && known !== undefined) host.startedAt = now;
    host.liveness = "up";
    host.heardAt = lastAt;
    this.#hosts.announced(host, { address, now, announcedAt });
    const isSilent = !wasUp && staleAt(host) <= now;
    if (!isSilent) this.#nextExpiry = Math.min(this.#nextExpiry, staleAt(host));
    if (wasUp && disks === null && newcomer.length === 0) return NOTHING_NEW;
    const changes: Change[] = wasUp || isSilent
      ? []
      : [{ event: "host-up", at: now, host, disk: null }];
    changes.push(...newcomer);
    const at = isSilent ? lastAt : now;
    const list = disks === null
      ? NOTHING_NEW
      : this.#applyList(host, disks, { now: at, seenAt });
    if (isSilent) this.#hosts.silenced(host, "stale");
    return {
      changes: [...changes, ...list.changes],
      shortage: list.shortage,
    };
  }

  #applyList(
    host: KnownHost,
    disks: readonly Disk[],
    { now, seenAt }: { readonly now: number; readonly seenAt: number },
  ): Applied {
    const whole = withinLayerLimit(disks);
    const front = this.#hosts.room.fit(host, whole, now);
    const list = { whole, front, now, seenAt };
    const changes = replaceDisks(this.#memory, host, list);
    return { changes, shortage: shortageOf(front) };
  }

  /** What is known of this host from before it had its key. */
  #takeOver(
    info: HostInfo,
    disks: readonly Disk[] | null,
    address: string,
  ): KnownHost | undefined {
    const { beforeKeys } = this.#hosts;
    if (beforeKeys.size === 0 || isV1HostId(info.id)) return undefined;
    const said = { name: info.name, addresses: [address], disks: disks ?? [] };
    const old = findPredecessor(beforeKeys, said);
    if (old === undefined) return undefined;
    this.#hosts.rekey(old, info.id);
    this.#sightings.rekey();
    return old;
  }

  /** Whether to read the list of a host although it is known: it was cut, and there may be room now. */
  wantsListOf(id: string, now: number): boolean {
    const host = this.#hosts.get(id);
    return host !== undefined && host.lacksRoom && now >= host.retryAt;
  }

  /** Why hosts or disks are left out for want of room, a sentence each source. */
  problems(now: number): string[] {
    return [
      ...sayCutLists(this.#hosts.values(), (host) => this.uniqueName(host)),
      ...this.#hosts.room.refused.problems(now),
    ];
  }

  /** Which hosts of before keys are which of the hosts that were heard. */
  findSuccessors(
    remembered: readonly RememberedHost[],
  ): Rekeyed[] {
    const old = remembered
      .filter(({ id, isProven }) => !isProven && !isV1HostId(id))
      .map((host) => ({ ...host, disks: host.disks.map(({ disk }) => disk) }));
    return [...this.#hosts.values()].flatMap((host) => {
      if (host === this.self || !host.isProven) return [];
      const found = findPredecessor(old, host);
      if (found === undefined) return [];
      old.splice(old.indexOf(found), 1);
      return { from: found.id, to: host.id };
    });
  }

  /** The hosts that have another id since the last call, in this order. */
  takeRekeyed(): Iterable<Rekeyed> {
    const { rekeyed } = this.#hosts;
    return rekeyed.length === 0 ? rekeyed : rekeyed.splice(0);
  }

  /** The last announcement of a host also came from this address. */
  heardAlsoFrom(id: string, address: string, now: number): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) this.#hosts.alsoHeard(host, address, now);
  }

  /** The hosts that have another name or other addresses since the last call. */
  takeRedescribed(): Iterable<Host> {
    return this.#hosts.takeRedescribed();
  }

  /** Applies a host's goodbye. */
  applyGoodbye(id: string, now: number): Change[] {
    const host = this.#hosts.get(id);
    if (host === undefined || host.liveness === "gone") return NO_CHANGES;
    host.heardAt = now;
    this.#hosts.silenced(host, "gone");
    return [{ event: "host-gone", at: now, host, disk: null }];
  }

  /** Drops a host and its disks as if never heard. */
  forget(id: string): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) this.#hosts.delete(host);
  }

  /** The host that the name of this one is known of, if that is another one. */
  otherHolder(host: Pick<Host, "id" | "name">): NameHolder | null {
    return this.#hosts.otherHolder(host);
  }

  /** The host that a name is known of. */
  nameHolder(name: string): NameHolder | undefined {
    return this.#hosts.holders.of(name);
  }

  /** Which hosts names are known of; `revision` grows with each change. */
  get nameHolders(): Pick<NameHolders, "values" | "revision"> {
    return this.#hosts.holders;
  }

  /** Loads what an earlier run knew of names; must be called first. */
  restoreNames(holders: Iterable<NameHolder>): void {
    for (const holder of holders) this.#hosts.holders.restore(holder);
  }

  /** Tells of the first host under a name that is known of another one. */
  #tellNewcomer(host: KnownHost, now: number): Change[] {
    const holder = this.#hosts.otherHolder(host);
    if (holder === null) return NO_CHANGES;
    const isFirst = this.#hosts.names.of(host.name).every(({ id }) =>
      id === host.id || id === holder.id || this.#hosts.get(id) === undefined
    );
    return isFirst
      ? [{ event: "newcomer", at: now, host, holder, disk: null }]
      : NO_CHANGES;
  }

  /** Drops a host, its disks, and all sightings there. This host stays. */
  forgetHost(id: string): void {
    if (id === this.self.id) return;
    this.forget(id);
    this.#hosts.releaseNames(id);
    const dropped = this.#sightings.drop(({ host }) => host.id === id);
    for (const sighting of dropped) {
      this.#awaited.take(sighting);
      this.#hosts.names.delete(sighting.host);
    }
  }

  /**
   * From now on, or no longer, hosts must prove that they have a key of ours.
   * Drops those that did not, and restores none of 0.01, which never can.
   */
  demandProof(isDemanded: boolean): void {
    this.#demandsProof = isDemanded;
    if (!isDemanded) return;
    for (const { id, key } of [...this.hosts()]) {
      if (key === null) this.forgetHost(id);
    }
  }

  #provable({ hosts, past }: Memory): Memory {
    return {
      hosts: hosts.filter(({ id }) => !this.#demandsProof || !isV1HostId(id)),
      past: past.filter(this.#isProvable),
    };
  }

  readonly #isProvable = ({ host }: RememberedSighting) =>
    !this.#demandsProof || !isV1HostId(host.id);

  /** Drops all past places of the disk with this `nameAt`; attached disks stay. */
  forgetDisk(name: string): void {
    const isNamed = ({ disk, host }: Sighting) =>
      nameAt(disk, host.id) === name;
    for (const one of this.#sightings.drop(isNamed)) this.#awaited.take(one);
    for (const host of this.#hosts.values()) {
      if (host.liveness !== "gone") continue;
      this.#hosts.dropDisks(host, (disk) => nameAt(disk, host.id) === name);
    }
  }

  /** Marks hosts as stale after too long a silence, and tells of disks that did not come again. */
  expire(now: number): Change[] {
    if (now >= this.#forgetAt) {
      this.#hosts.forgetCrowds(now);
      this.#forgetAt = now + FORGET_GAP_MS;
    }
    const changes: Change[] = this.#awaited.expire(now);
    if (now < this.#nextExpiry) return changes;
    let earliest = Infinity;
    for (const host of this.#hosts.values()) {
      if (host === this.#hosts.self || host.liveness !== "up") continue;
      const at = staleAt(host);
      if (now >= at) {
        this.#hosts.silenced(host, "stale");
        changes.push({ event: "host-stale", at: now, host, disk: null });
      } else {
        earliest = Math.min(earliest, at);
      }
    }
    this.#nextExpiry = Math.max(earliest, now + EXPIRY_GAP_MS);
    return changes;
  }

  /** At the end of a run: the disks that did not come again until now. */
  takeUntold(): Change[] {
    return this.#awaited.expire(Infinity);
  }

  /** A datagram that says to be of this host was dropped, because there is no time to verify all. */
  missed(id: string, now: number): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) host.missedAt = now;
  }

  /** Whether a running host has this id and this address. */
  isUpAs(id: string, address: string): boolean {
    const host = this.#hosts.get(id);
    return host?.liveness === "up" && host.addresses.includes(address);
  }

  host(id: string): Host | undefined {
    return this.#hosts.get(id);
  }

  /** The running host that was heard last from this address; `null`: none. */
  idAt(address: string): string | null {
    const up = this.#hosts.at(address)
      .filter(({ liveness }) => liveness === "up");
    return up.at(-1)?.id ?? null;
  }

  /** The name of this site: as configured, or as its relays say it; `null`: it has none, or they do not agree. */
  get site(): string | null {
    if (this.siteName !== null) return this.siteName;
    const names = new Set<string>();
    for (const host of this.relays()) {
      const { relayOf, liveness, farSite } = host;
      if (relayOf && liveness === "up" && farSite === null) names.add(relayOf);
    }
    const [name = null] = names;
    return names.size === 1 ? name : null;
  }

  /** The addresses that one of the last two announcements of a host came from. */
  heardFrom(id: string): string[] {
    const host = this.#hosts.get(id);
    return host === undefined ? [] : heardFrom(host);
  }

  /** The best address of a host, and the site where that is good; `null`: unknown, or none is named. */
  whereIs(
    { id }: Pick<Host, "id">,
  ): { readonly address: string | null; readonly site: string | null } {
    const { addresses: [best] = [], farSite = null } = this.host(id) ?? {};
    if (best === undefined) {
      const isHere = id === this.self.id;
      return { address: null, site: isHere ? this.site : farSite };
    }
    return { address: splitAddress(best).plain, site: farSite ?? this.site };
  }

  /** The hosts that are relays, of this site and others. */
  *relays(): IterableIterator<Host> {
    for (const id of this.#relayIds) {
      const host = this.#hosts.get(id);
      if (host === undefined || host.relayOf === null) {
        this.#relayIds.delete(id);
      } else yield host;
    }
  }

  /** The name that no other known host has, nor any of the `others`, such as those in the history. */
  uniqueName(
    host: HostIdentifiers,
    others: readonly HostIdentifiers[] = [],
  ): string {
    const holder = this.nameHolder(host.name);
    return uniqueName(host, [
      ...this.#hosts.names.nearest(host),
      ...others,
      ...holder === undefined ? [] : [holder],
    ]);
  }

  /** All known hosts, this one first. */
  hosts(): IterableIterator<Host> {
    return this.#hosts.values();
  }

  /** Counts hosts that are not gone, and those of their disks that lists show. */
  counts(): { hosts: number; disks: number } {
    let hosts = 0;
    let disks = 0;
    for (const host of this.#hosts.values()) {
      if (host.liveness === "gone") continue;
      hosts++;
      disks += shownDisks(host).length;
    }
    return { hosts, disks };
  }

  /**
   * Places of the disks with this name, those of hosts that are up first; if
   * there are none now, their last places, newest first. A name that stands for
   * several means each of these disks. Empty for an unknown name.
   */
  where(name: string): Resolved<Place> {
    const { found: spots, ...how } = resolveDisks(name, this.#spots(), {
      diskOf: ({ disk }) => this.remarks.named(disk),
      hostOf: ({ host }) => host,
    });
    const foremost = this.#foremost(
      spots,
      ({ host, isPast }) => isPast ? 3 : STATE_ORDER[stateOn(host)],
    );
    const places = foremost.map(({ place }) => place());
    const more = spots.length - places.length;
    if (!how.isSeveral) return { found: presentOrPast(places), more, ...how };
    const byDisk = Map.groupBy(
      places,
      ({ disk, host }) => disk.uuid ?? nameAt(disk, host.id),
    );
    const found = [...byDisk.values()].flatMap(presentOrPast);
    return { found: inStateOrder(found), more, ...how };
  }

  /**
   * Those that an answer has room for: by `rankOf`, then those of this host, of
   * hosts that are known for long, and of hosts that are known for longer than
   * others. So nobody hides the disks of others behind thousands of his own.
   */
  #foremost<T extends { readonly host: Host }>(
    all: readonly T[],
    rankOf: (one: T) => number,
  ): T[] {
    const ranks = new Map<T, readonly [number, number]>();
    for (const one of all) {
      ranks.set(one, [rankOf(one), this.#juniority(one.host)]);
    }
    return all.toSorted((a, b) => {
      const [rankA, ageA] = ranks.get(a)!;
      const [rankB, ageB] = ranks.get(b)!;
      return rankA - rankB || (ageA < ageB ? -1 : ageA > ageB ? 1 : 0);
    }).slice(0, MAX_FOREMOST);
  }

  /** The same, in the order given. */
  foremost<T extends { readonly host: Host }>(all: readonly T[]): readonly T[] {
    if (all.length <= MAX_FOREMOST) return all;
    const chosen = new Set(this.#foremost(all, () => 0));
    return all.filter((one) => chosen.has(one));
  }

  #juniority({ id }: Host): number {
    if (id === this.self.id) return -Infinity;
    const host = this.#hosts.get(id);
    if (host === undefined) return Infinity;
    return host.knownSince + (wasLongUp(host) ? 0 : Number.MAX_SAFE_INTEGER);
  }

  /** Present places of disks, as far as known: those of hosts that are not gone. */
  *present(): IterableIterator<Place> {
    for (const host of this.#hosts.values()) {
      if (host.liveness !== "gone") yield* this.placesOn(host);
    }
  }

  /** The places of the disks that a host has, or had when it went. */
  *placesOn({ id }: Pick<Host, "id">): IterableIterator<Place> {
    const host = this.#hosts.get(id);
    if (host === undefined) return;
    for (const index of host.disks.keys()) yield placeOn(host, index);
  }

  /**
   * Last places of disks: those of hosts that are gone, then detached disks.
   * All are "detached".
   */
  *past(): IterableIterator<Place> {
    for (const host of this.#hosts.values()) {
      if (host.liveness === "gone") yield* this.placesOn(host);
    }
    yield* this.detached();
  }

  /** Last places of disks that no host has any more. */
  *detached(): IterableIterator<Place> {
    for (const sighting of this.#sightings.values()) yield placeSeen(sighting);
  }

  /** The last place of the detached disk with this `nameAt`. */
  lastPlace(name: string): Sighting | undefined {
    return this.#sightings.get(name);
  }

  /** Every disk in memory, and how to make its place. */
  *#spots(): IterableIterator<Spot> {
    for (const host of this.#hosts.values()) {
      for (const [index, disk] of host.disks.entries()) {
        const place = () => placeOn(host, index);
        yield { disk, host, isPast: false, place };
      }
    }
    for (const sighting of this.#sightings.values()) {
      const { disk, host } = sighting;
      yield { disk, host, isPast: true, place: () => placeSeen(sighting) };
    }
  }
}

/**
 * A check for silent hosts visits all hosts, so when thousands fall silent they
 * are reported in batches.
 */
const EXPIRY_GAP_MS = 500;

/** Between two looks for hosts that nobody needs to remember. */
const FORGET_GAP_MS = 60_000;

const NO_CHANGES: Change[] = [];

/** Places of a disk in an answer. */
export const MAX_FOREMOST = 1_000;

/** A disk, and its place, made only if it is wanted. */
interface Spot {
  readonly disk: Disk;
  readonly host: Host;
  /** Whether it has left. */
  readonly isPast: boolean;
  readonly place: () => Place;
}
