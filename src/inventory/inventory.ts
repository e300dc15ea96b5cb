/**
 * Every host and disk that is known, and how they change.
 *
 * Three things happen to it: `applyScan` (this host looked at its disks),
 * `applyAnnouncement` (another host spoke; with `disks` null it said nothing
 * new), and `expire` (time went by). Each returns what changed. Nothing here
 * knows of datagrams, sockets or clocks; `now` is monotonic milliseconds.
 *
 * A UUID is no key: clones, snapshots and btrfs members share one. The key of
 * an attached disk is (host id, device).
 */
import { type Change, compareDisks, isEmpty } from "./change.ts";
import type { Disk } from "./disk.ts";
import type { Host, HostInfo } from "./host.ts";
import { type KnownHost, newHost, noteAddress, staleAt } from "./known_host.ts";
import { DEFAULT_INVENTORY_LIMITS, type Forgotten } from "./limits.ts";
import { diskMatches } from "./matches.ts";
import { type Place, placeOf, placeSeen } from "./place.ts";
import { Sightings } from "./sightings.ts";
import { SilentHosts } from "./silent_hosts.ts";
import { add, type Front, frontOf, isWithin, subtract } from "./weight.ts";
import { NO_WEIGHT } from "./weight.ts";

export type { Place } from "./place.ts";

/** For which limit something was not taken in, or not whole. */
export type Shortage = "too-many-hosts" | "too-many-disks" | "too-large";

/** What became of an announcement. */
export interface Applied {
  readonly changes: readonly Change[];
  /** `too-many-hosts`: nothing was taken in. The others: the list was cut. */
  readonly shortage: Shortage | null;
}

export class Inventory {
  /** What was let go of for want of room. */
  readonly forgotten: Forgotten = { hosts: 0, disks: 0, addresses: 0 };
  readonly #limits;
  readonly #hosts = new Map<string, KnownHost>();
  readonly #silent = new SilentHosts();
  readonly #sightings: Sightings;
  #self: KnownHost;
  /** Of all hosts. */
  #weight = NO_WEIGHT;
  #nextExpiry = Infinity;

  constructor(self: HostInfo, limits = DEFAULT_INVENTORY_LIMITS) {
    this.#limits = limits;
    this.#sightings = new Sightings(limits.sightings);
    this.#self = newHost(self, 0);
    this.#hosts.set(self.id, this.#self);
  }

  /** This host. */
  get self(): Host {
    return this.#self;
  }

  /** When `expire` next has something to do. */
  get nextExpiry(): number {
    return this.#nextExpiry;
  }

  /** This host calls itself something else from now on. */
  describeSelf(info: HostInfo): void {
    if (info.id !== this.#self.id) {
      this.#hosts.delete(this.#self.id);
      this.#hosts.set(info.id, this.#self);
    }
    Object.assign(this.#self, info);
  }

  /** The addresses that this host has now. */
  setOwnAddresses(addresses: readonly string[]): void {
    this.#self.addresses = [...addresses];
  }

  /** Takes in the disks of this host. */
  applyScan(disks: readonly Disk[], now: number): Change[] {
    this.#self.heardAt = now;
    const front = this.#fit(this.#self, disks);
    return this.#replaceDisks(this.#self, front, now);
  }

  /**
   * Takes in what another host said. `disks` is its whole list, or `null` when
   * it is the one that is known already.
   */
  applyAnnouncement(
    info: HostInfo,
    disks: readonly Disk[] | null,
    { address, now }: { address: string; now: number },
  ): Applied {
    const known = this.#hosts.get(info.id);
    const host = known ?? this.#admit(info, now);
    if (host === null) return NO_ROOM;
    const wasUp = known !== undefined && known.liveness === "up";
    if (!wasUp) this.#silent.delete(host);
    host.name = info.name;
    host.version = info.version;
    host.everyMs = info.everyMs;
    host.liveness = "up";
    host.heardAt = now;
    this.#noteAddress(host, address, now);
    this.#nextExpiry = Math.min(this.#nextExpiry, staleAt(host));
    if (wasUp && disks === null) return NOTHING;
    const changes: Change[] = wasUp
      ? []
      : [{ event: "host-up", at: now, host, disk: null }];
    if (disks === null) return { changes, shortage: null };
    const front = this.#fit(host, disks);
    changes.push(...this.#replaceDisks(host, front, now));
    return { changes, shortage: front.cutBy && SHORTAGE[front.cutBy] };
  }

  /** What a host said just now came from this address as well. */
  heardAlsoFrom(id: string, address: string, now: number): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) this.#noteAddress(host, address, now);
  }

  /** A host said that it stops. */
  applyGoodbye(id: string, now: number): Change[] {
    const host = this.#hosts.get(id);
    if (host === undefined || host.liveness === "gone") return NO_CHANGES;
    host.liveness = "gone";
    host.heardAt = now;
    this.#silent.add(host);
    return [{ event: "host-gone", at: now, host, disk: null }];
  }

  /** Drops a host and its disks, as if it had never been heard. */
  forget(id: string): void {
    const host = this.#hosts.get(id);
    if (host === undefined || host === this.#self) return;
    this.#hosts.delete(id);
    this.#silent.delete(host);
    this.#weight = subtract(this.#weight, host.weight);
  }

  /** Marks the hosts that have been silent for too long. */
  expire(now: number): Change[] {
    if (now < this.#nextExpiry) return NO_CHANGES;
    const changes: Change[] = [];
    this.#nextExpiry = Infinity;
    for (const host of this.#hosts.values()) {
      if (host === this.#self || host.liveness !== "up") continue;
      const at = staleAt(host);
      if (now >= at) {
        host.liveness = "stale";
        this.#silent.add(host);
        changes.push({ event: "host-stale", at: now, host, disk: null });
      } else {
        this.#nextExpiry = Math.min(this.#nextExpiry, at);
      }
    }
    return changes;
  }

  host(id: string): Host | undefined {
    return this.#hosts.get(id);
  }

  /** Every host known, this one first. */
  *hosts(): IterableIterator<Host> {
    yield this.#self;
    for (const host of this.#hosts.values()) {
      if (host !== this.#self) yield host;
    }
  }

  /** Hosts that are not gone, and their disks. */
  counts(): { hosts: number; disks: number } {
    let hosts = 0;
    let disks = 0;
    for (const host of this.#hosts.values()) {
      if (host.liveness === "gone") continue;
      hosts++;
      disks += host.disks.length;
    }
    return { hosts, disks };
  }

  /**
   * Where the disks of this name are; when they are nowhere now, where they
   * were seen last, newest first. Empty when no such disk is known.
   */
  where(name: string): Place[] {
    const here: Place[] = [];
    const past: Place[] = [];
    for (const host of this.hosts()) {
      const places = host.liveness === "gone" ? past : here;
      for (const disk of host.disks) {
        if (diskMatches(disk, name)) places.push(placeOf(disk, host));
      }
    }
    if (here.length > 0) return here;
    for (const sighting of this.#sightings.values()) {
      if (diskMatches(sighting.disk, name)) past.push(placeSeen(sighting));
    }
    return past.sort((a, b) => b.seenAt - a.seenAt);
  }

  /** Disks where they were seen last: those of hosts that are gone, then those that were detached. All are "detached". */
  *past(): IterableIterator<Place> {
    for (const host of this.#hosts.values()) {
      if (host.liveness !== "gone") continue;
      for (const disk of host.disks) yield placeOf(disk, host);
    }
    for (const sighting of this.#sightings.values()) yield placeSeen(sighting);
  }

  /** A newcomer's record; `null` when there is no room, and everybody is up. */
  #admit(info: HostInfo, now: number): KnownHost | null {
    if (this.#hosts.size >= this.#limits.hosts && !this.#forgetOldest()) {
      return null;
    }
    const host = newHost(info, now);
    this.#hosts.set(info.id, host);
    return host;
  }

  /** Makes room by forgetting whoever has been silent for the longest; `false` when nobody is. */
  #forgetOldest(): boolean {
    const { oldest } = this.#silent;
    if (oldest === undefined) return false;
    this.forgotten.hosts++;
    this.forgotten.disks += oldest.disks.length;
    this.forget(oldest.id);
    return true;
  }

  #noteAddress(host: KnownHost, address: string, now: number): void {
    const limit = this.#limits.addressesPerHost;
    if (!noteAddress(host, address, { now, limit })) this.forgotten.addresses++;
  }

  /** As much of a host's list as there is room for, once the silent have made some. This host always has its share. */
  #fit(host: KnownHost, disks: readonly Disk[]): Front {
    const { disksPerHost, bytesPerHost } = this.#limits;
    const own = frontOf(disks, { disks: disksPerHost, bytes: bytesPerHost });
    const roomLeft = () =>
      add(subtract(this.#limits, this.#weight), host.weight);
    while (!isWithin(own.weight, roomLeft()) && this.#forgetOldest());
    const front = host === this.#self || isWithin(own.weight, roomLeft())
      ? own
      : frontOf(own.disks, roomLeft());
    const cut = disks.length - front.disks.length;
    this.forgotten.disks += Math.max(0, cut - host.cut);
    host.cut = cut;
    return front;
  }

  #replaceDisks(
    host: KnownHost,
    { disks, weight }: Front,
    now: number,
  ): Change[] {
    const difference = compareDisks(host.disks, disks);
    if (isEmpty(difference)) return NO_CHANGES;
    this.#weight = add(subtract(this.#weight, host.weight), weight);
    host.disks = disks;
    host.weight = weight;
    const changes: Change[] = [];
    for (const { disk, mount } of difference.unmounted) {
      changes.push({ event: "unmounted", at: now, host, disk, mount });
    }
    for (const disk of difference.detached) {
      changes.push({ event: "detached", at: now, host, disk });
      if (this.#sightings.add({ disk, host, until: now })) {
        this.forgotten.disks++;
      }
    }
    for (const disk of difference.attached) {
      changes.push(this.#attached(disk, host, now));
    }
    for (const disk of difference.changed) {
      changes.push({ event: "changed", at: now, host, disk });
    }
    for (const { disk, mount } of difference.mounted) {
      changes.push({ event: "mounted", at: now, host, disk, mount });
    }
    return changes;
  }

  #attached(disk: Disk, host: Host, at: number): Change {
    const from = this.#sightings.take(disk, host)?.host ??
      this.#silent.take(disk);
    return from === undefined || from.id === host.id
      ? { event: "attached", at, host, disk }
      : { event: "moved", at, host, from, disk };
  }
}

const NO_CHANGES: Change[] = [];

const NOTHING: Applied = { changes: NO_CHANGES, shortage: null };

const NO_ROOM: Applied = { changes: NO_CHANGES, shortage: "too-many-hosts" };

const SHORTAGE = { disks: "too-many-disks", bytes: "too-large" } as const;
