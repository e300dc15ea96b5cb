import { type Applied, noRoom, NOTHING_NEW, shortageOf } from "./applied.ts";
import {
  type Change,
  compareDisks,
  type DiskDifference,
  isEmpty,
  usedAs,
} from "./change.ts";
import { type Disk, nameAt } from "./disk.ts";
import { findPlaces } from "./find_places.ts";
import type { Host, HostInfo } from "./host.ts";
import { type KnownHost, KnownHosts, staleAt } from "./known_hosts.ts";
import {
  DEFAULT_INVENTORY_LIMITS,
  type Forgotten,
  type Front,
} from "./limits.ts";
import { type Place, placeOn, placeSeen } from "./place.ts";
import { type Memory, restore } from "./restore.ts";
import { Sightings, sinceByDevice, sinceOf } from "./sightings.ts";

/**
 * Every host and disk that is known, and how they change.
 *
 * Three things happen to it: `applyScan` (this host looked at its disks),
 * `applyAnnouncement` (another host spoke; with `disks` null it said nothing
 * new), and `expire` (time went by). Each returns what changed. Before all of
 * them `restore` may tell what an earlier life of the daemon knew. Nothing here
 * knows of datagrams, sockets or clocks; `now` is monotonic milliseconds.
 *
 * A UUID is no key: clones, snapshots and btrfs members share one. The key of
 * an attached disk is (host id, device).
 */

export class Inventory {
  readonly #hosts: KnownHosts;
  readonly #sightings: Sightings;
  #nextExpiry = Infinity;

  constructor(self: HostInfo, limits = DEFAULT_INVENTORY_LIMITS) {
    this.#hosts = new KnownHosts(self, limits);
    this.#sightings = new Sightings(limits.sightings, this.#hosts.forgotten);
  }

  /** This host. */
  get self(): Host {
    return this.#hosts.self;
  }

  /** What was let go of for want of room. */
  get forgotten(): Forgotten {
    return this.#hosts.forgotten;
  }

  /** When `expire` next has something to do. */
  get nextExpiry(): number {
    return this.#nextExpiry;
  }

  /**
   * Takes in what was known when the daemon stopped; to be called before
   * anything else is. Other hosts are silent until they are heard. The disks of
   * this one are what its first scan is compared with.
   */
  restore(memory: Memory): void {
    restore(memory, { hosts: this.#hosts, sightings: this.#sightings });
  }

  /** This host calls itself something else from now on. */
  describeSelf(info: HostInfo): void {
    this.#hosts.describeSelf(info);
  }

  /** The addresses that this host has now. */
  setOwnAddresses(addresses: readonly string[]): void {
    this.#hosts.setOwnAddresses(addresses);
  }

  /** Takes in the disks of this host. */
  applyScan(disks: readonly Disk[], now: number): Change[] {
    const { self } = this.#hosts;
    const seenAt = self.isRemembered ? self.heardAt : now;
    self.heardAt = now;
    const front = this.#hosts.fit(self, disks);
    return this.#replaceDisks(self, front, { now, seenAt });
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
    const host = known ?? this.#hosts.admit(info, { address, now });
    if (typeof host === "string") return noRoom(host);
    const wasUp = known !== undefined && known.liveness === "up";
    if (!wasUp) this.#hosts.silent.delete(host);
    // What it lost while it was silent left nobody knows when.
    const seenAt = wasUp ? now : host.heardAt;
    host.name = info.name;
    host.version = info.version;
    host.everyMs = info.everyMs;
    host.key = info.key ?? null;
    host.liveness = "up";
    host.heardAt = now;
    this.#hosts.noteAddress(host, address, now);
    this.#nextExpiry = Math.min(this.#nextExpiry, staleAt(host));
    if (wasUp && disks === null) return NOTHING_NEW;
    const changes: Change[] = wasUp
      ? []
      : [{ event: "host-up", at: now, host, disk: null }];
    if (disks === null) return { changes, shortage: null };
    const front = this.#hosts.fit(host, disks);
    changes.push(...this.#replaceDisks(host, front, { now, seenAt }));
    return { changes, shortage: shortageOf(front) };
  }

  /** What a host said just now came from this address as well. */
  heardAlsoFrom(id: string, address: string, now: number): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) this.#hosts.noteAddress(host, address, now);
  }

  /** A host said that it stops. */
  applyGoodbye(id: string, now: number): Change[] {
    const host = this.#hosts.get(id);
    if (host === undefined || host.liveness === "gone") return NO_CHANGES;
    host.liveness = "gone";
    host.heardAt = now;
    this.#hosts.silent.add(host);
    return [{ event: "host-gone", at: now, host, disk: null }];
  }

  /** Drops a host and its disks, as if it had never been heard. */
  forget(id: string): void {
    const host = this.#hosts.get(id);
    if (host !== undefined) this.#hosts.delete(host);
  }

  /** Drops a host, its disks, and what was seen there. This host stays. */
  forgetHost(id: string): void {
    if (id === this.self.id) return;
    this.forget(id);
    this.#sightings.drop(({ host }) => host.id === id);
  }

  /** Drops the disk of this name, as `nameAt` tells it, wherever it was. Where it is, it stays. */
  forgetDisk(name: string): void {
    this.#sightings.drop(({ disk, host }) => nameAt(disk, host.id) === name);
    for (const host of this.#hosts.values()) {
      if (host.liveness !== "gone") continue;
      this.#hosts.dropDisks(host, (disk) => nameAt(disk, host.id) === name);
    }
  }

  /** Marks the hosts that have been silent for too long. */
  expire(now: number): Change[] {
    if (now < this.#nextExpiry) return NO_CHANGES;
    const changes: Change[] = [];
    let earliest = Infinity;
    for (const host of this.#hosts.values()) {
      if (host === this.#hosts.self || host.liveness !== "up") continue;
      const at = staleAt(host);
      if (now >= at) {
        host.liveness = "stale";
        this.#hosts.silent.add(host);
        changes.push({ event: "host-stale", at: now, host, disk: null });
      } else {
        earliest = Math.min(earliest, at);
      }
    }
    this.#nextExpiry = Math.max(earliest, now + EXPIRY_GAP_MS);
    return changes;
  }

  /** Whether a host that is up has this address. */
  isUpAt(address: string): boolean {
    return this.#hosts.isUpAt(address);
  }

  host(id: string): Host | undefined {
    return this.#hosts.get(id);
  }

  /** Every host known, this one first. */
  hosts(): IterableIterator<Host> {
    return this.#hosts.values();
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
    return findPlaces(name, {
      hosts: this.#hosts.values(),
      sightings: this.#sightings.values(),
    });
  }

  /** Disks where they are, as far as is known: those of hosts that are not gone. */
  *present(): IterableIterator<Place> {
    for (const host of this.#hosts.values()) {
      if (host.liveness === "gone") continue;
      for (const index of host.disks.keys()) yield placeOn(host, index);
    }
  }

  /** Disks where they were seen last: those of hosts that are gone, then those that were detached. All are "detached". */
  *past(): IterableIterator<Place> {
    for (const host of this.#hosts.values()) {
      if (host.liveness !== "gone") continue;
      for (const index of host.disks.keys()) yield placeOn(host, index);
    }
    for (const sighting of this.#sightings.values()) yield placeSeen(sighting);
  }

  #replaceDisks(
    host: KnownHost,
    front: Front,
    { now, seenAt }: {
      now: number;
      /** When those of its disks were there last that are there no more. */
      seenAt: number;
    },
  ): Change[] {
    const { disks } = front;
    const { isRemembered } = host;
    const before = isRemembered ? usedAs(disks, host.disks) : host.disks;
    const difference = compareDisks(before, disks);
    if (isEmpty(difference) && !isRemembered) return NO_CHANGES;
    if (isRemembered) host.lastMounts.noteRemembered(host.disks, disks);
    const since = sinceByDevice(host);
    for (const disk of difference.detached) {
      this.#sightings.add({
        disk: host.lastMounts.restoreTo(disk),
        host,
        from: since.get(disk.device)!,
        until: seenAt,
      });
    }
    host.lastMounts.note(difference);
    host.isRemembered = false;
    const { attached } = difference;
    this.#hosts.setDisks(
      host,
      front,
      sinceOf(disks, { before: since, attached, now }),
    );
    return tell(difference, {
      host,
      at: now,
      cameFrom: (disk) =>
        this.#sightings.take(disk, host)?.host ?? this.#hosts.silent.take(disk),
    });
  }
}

/** Each look for silent hosts takes all of them, so where thousands fall silent they are told in batches. */
const EXPIRY_GAP_MS = 500;

const NO_CHANGES: Change[] = [];

interface Telling {
  readonly host: Host;
  readonly at: number;
  /** The host that a disk was taken from, if any. */
  readonly cameFrom: (disk: Disk) => Host | undefined;
}

/** What happened to the disks of a host, in the order in which people expect it: what has left before what has come. */
function tell(
  { attached, detached, changed, mounted, unmounted }: DiskDifference,
  { host, at, cameFrom }: Telling,
): Change[] {
  const about = <Event extends string>(event: Event) => ({ event, at, host });
  return [
    ...unmounted.map((one) => ({ ...about("unmounted"), ...one })),
    ...detached.map((disk) => ({ ...about("detached"), disk })),
    ...attached.map((disk): Change => {
      const from = cameFrom(disk);
      return from === undefined || from.id === host.id
        ? { ...about("attached"), disk }
        : { ...about("moved"), from, disk };
    }),
    ...changed.map((disk) => ({ ...about("changed"), disk })),
    ...mounted.map((one) => ({ ...about("mounted"), ...one })),
  ];
}
