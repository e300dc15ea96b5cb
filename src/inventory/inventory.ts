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
import { type Change, compareDisks } from "./change.ts";
import type { Disk } from "./disk.ts";
import { type Host, type HostInfo, STALE_AFTER_INTERVALS } from "./host.ts";
import { diskMatches } from "./matches.ts";
import { type Sighting, Sightings } from "./sightings.ts";

export interface InventoryLimits {
  /** Hosts known at once, this one among them. */
  readonly hosts: number;
  /** Disks of one host. */
  readonly disksPerHost: number;
  /** Addresses remembered of one host. */
  readonly addressesPerHost: number;
  /** Detached disks remembered. */
  readonly sightings: number;
}

export const DEFAULT_INVENTORY_LIMITS: InventoryLimits = {
  hosts: 10_000,
  disksPerHost: 4_096,
  addressesPerHost: 8,
  sightings: 10_000,
};

/** A disk at one place. */
export interface Place {
  readonly disk: Disk;
  readonly host: Host;
  readonly state: "attached" | "stale" | "detached";
  /** When it was last known to be there, monotonic ms. */
  readonly seenAt: number;
}

type Known = { -readonly [K in keyof Host]: Host[K] } & {
  addresses: string[];
  /** When each of `addresses` was last heard, in the same order. */
  addressHeardAt: number[];
};

export class Inventory {
  readonly #limits: InventoryLimits;
  readonly #hosts = new Map<string, Known>();
  readonly #sightings: Sightings;
  #self: Known;
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
    return this.#replaceDisks(this.#self, disks, now);
  }

  /**
   * Takes in what another host said. `disks` is its whole list, or `null` when
   * it is the one that is known already. Returns `null`, and changes nothing,
   * where there is no room for one more host.
   */
  applyAnnouncement(
    info: HostInfo,
    disks: readonly Disk[] | null,
    { address, now }: { address: string; now: number },
  ): Change[] | null {
    const known = this.#hosts.get(info.id);
    const host = known ?? this.#admit(info, now);
    if (host === null) return null;
    const wasUp = known !== undefined && known.liveness === "up";
    host.name = info.name;
    host.version = info.version;
    host.everyMs = info.everyMs;
    host.liveness = "up";
    host.heardAt = now;
    this.#noteAddress(host, address, now);
    this.#nextExpiry = Math.min(this.#nextExpiry, staleAt(host));
    if (wasUp && disks === null) return NO_CHANGES;
    const changes = disks === null ? [] : this.#replaceDisks(host, disks, now);
    if (!wasUp) {
      changes.unshift({ event: "host-up", at: now, host, disk: null });
    }
    return changes;
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
    return [{ event: "host-gone", at: now, host, disk: null }];
  }

  /** Drops a host and its disks, as if it had never been heard. */
  forget(id: string): void {
    if (id !== this.#self.id) this.#hosts.delete(id);
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

  /** A newcomer's record, making room by forgetting whoever has been silent longest. */
  #admit(info: HostInfo, now: number): Known | null {
    if (this.#hosts.size >= this.#limits.hosts && !this.#forgetOldest()) {
      return null;
    }
    const host = newHost(info, now);
    this.#hosts.set(info.id, host);
    return host;
  }

  #forgetOldest(): boolean {
    let oldest: Known | null = null;
    for (const host of this.#hosts.values()) {
      if (host.liveness === "up") continue;
      if (oldest === null || host.heardAt < oldest.heardAt) oldest = host;
    }
    return oldest !== null && this.#hosts.delete(oldest.id);
  }

  /** Keeps the order in which addresses were first heard, so that a host on two LANs does not flicker. */
  #noteAddress(host: Known, address: string, now: number): void {
    const { addresses, addressHeardAt } = host;
    const index = addresses.indexOf(address);
    if (index === 0 && addresses.length === 1) {
      addressHeardAt[0] = now;
      return;
    }
    if (index >= 0) addressHeardAt[index] = now;
    const oldest = now - STALE_AFTER_INTERVALS * host.everyMs;
    for (let i = addresses.length - 1; i >= 0; i--) {
      if (addressHeardAt[i]! >= oldest) continue;
      addresses.splice(i, 1);
      addressHeardAt.splice(i, 1);
    }
    if (index < 0 && addresses.length < this.#limits.addressesPerHost) {
      addresses.push(address);
      addressHeardAt.push(now);
    }
  }

  #replaceDisks(host: Known, disks: readonly Disk[], now: number): Change[] {
    const kept = disks.slice(0, this.#limits.disksPerHost);
    const { attached, detached, changed } = compareDisks(host.disks, kept);
    host.disks = kept;
    const changes: Change[] = [];
    for (const disk of detached) {
      changes.push({ event: "detached", at: now, host, disk });
      this.#sightings.add({ disk, host, until: now });
    }
    for (const disk of attached) {
      const before = this.#sightings.take(disk);
      const moved = before !== undefined && before.host.id !== host.id;
      changes.push({
        event: moved ? "moved" : "attached",
        at: now,
        host,
        disk,
      });
    }
    for (const disk of changed) {
      changes.push({ event: "changed", at: now, host, disk });
    }
    return changes;
  }
}

const NO_CHANGES: Change[] = [];

function newHost(info: HostInfo, now: number): Known {
  return {
    id: info.id,
    name: info.name,
    version: info.version,
    everyMs: info.everyMs,
    addresses: [],
    addressHeardAt: [],
    heardAt: now,
    liveness: "up",
    disks: [],
  };
}

function staleAt(host: Known): number {
  return host.heardAt + STALE_AFTER_INTERVALS * host.everyMs;
}

function placeOf(disk: Disk, host: Host): Place {
  const state = host.liveness === "up"
    ? "attached"
    : host.liveness === "stale"
    ? "stale"
    : "detached";
  return { disk, host, state, seenAt: host.heardAt };
}

function placeSeen({ disk, host, until }: Sighting): Place {
  return { disk, host, state: "detached", seenAt: until };
}
