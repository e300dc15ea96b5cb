import { AddressBook, type Addressed, unheard } from "./addresses.ts";
import type { NoRoom } from "./applied.ts";
import { type Disk, diskName } from "./disk.ts";
import { compareDrives } from "./evidence.ts";
import {
  type Host,
  type HostInfo,
  isV1HostId,
  STALE_AFTER_INTERVALS,
} from "./host.ts";
import { HostNames } from "./host_names.ts";
import {
  addWeights,
  type Forgotten,
  type Front,
  frontOf,
  type InventoryLimits,
  isWithinLimits,
  NO_WEIGHT,
  subtractWeights,
  weigh,
  type Weight,
} from "./limits.ts";
import { LastMounts } from "./sightings.ts";

/** All known hosts within the limits: without room, the host silent for longest is dropped. */
export class KnownHosts {
  /** This host. */
  readonly self: KnownHost;
  /** Hosts that are not up. */
  readonly silent = new SilentHosts();
  readonly names = new HostNames();
  /** Counts of entries dropped at a limit. */
  readonly forgotten: Forgotten = { hosts: 0, disks: 0, addresses: 0 };
  readonly #limits: InventoryLimits;
  readonly #byId = new Map<string, KnownHost>();
  readonly #addresses: AddressBook<KnownHost>;
  /** Hosts with another name or other addresses. */
  #redescribed = new Set<KnownHost>();
  /** Hosts with another id, in this order, at most `MAX_REKEYED`. */
  readonly rekeyed: Rekeyed[] = [];
  /** Hosts that cannot speak any more under the id that they have. */
  readonly beforeKeys = new Set<KnownHost>();
  /** Of all hosts together. */
  #weight = NO_WEIGHT;

  constructor(self: HostInfo, limits: InventoryLimits) {
    this.#limits = limits;
    this.#addresses = new AddressBook(
      limits,
      (host) => this.#redescribed.add(host),
    );
    this.self = newHost(self, 0);
    this.#byId.set(self.id, this.self);
    this.names.add(this.self);
  }

  get(id: string): KnownHost | undefined {
    return this.#byId.get(id);
  }

  /** All known hosts, this one first. */
  *values(): IterableIterator<KnownHost> {
    yield this.self;
    for (const host of this.#byId.values()) {
      if (host !== this.self) yield host;
    }
  }

  /** Changes this host's description. */
  describeSelf(info: HostInfo): void {
    if (info.id !== this.self.id) {
      this.#byId.delete(this.self.id);
      this.#byId.set(info.id, this.self);
    }
    this.names.delete(this.self);
    if (info.name !== this.self.name) this.#redescribed.add(this.self);
    Object.assign(this.self, info);
    this.names.add(this.self);
  }

  /** Changes the name of a host. */
  rename(host: KnownHost, name: string): void {
    if (host.name === name) return;
    this.names.delete(host);
    host.name = name;
    this.names.add(host);
    this.#redescribed.add(host);
  }

  /** A host of before keys has this id now. */
  rekey(host: KnownHost, id: string): void {
    this.rekeyed.push({ from: host.id, to: id });
    if (this.rekeyed.length > MAX_REKEYED) this.rekeyed.shift();
    this.#byId.delete(host.id);
    this.names.delete(host);
    host.id = id;
    this.#byId.set(id, host);
    this.names.add(host);
    this.proved(host);
  }

  /** A host signed what it said. */
  proved(host: KnownHost): void {
    if (host.isProven) return;
    host.isProven = true;
    this.beforeKeys.delete(host);
    this.#redescribed.add(host);
  }

  /** Sets the present addresses of this host. */
  setOwnAddresses(addresses: readonly string[]): void {
    this.#addresses.setOwn(this.self, addresses);
  }

  /** Adds a host, or returns why there is no room: all hosts are up, in total or at its address. */
  admit(
    info: HostInfo,
    { address, now }: { address: string; now: number },
  ): KnownHost | NoRoom {
    if (!this.#makeRoomAt(address)) return "crowded-address";
    if (this.#byId.size >= this.#limits.hosts && !this.#forgetOldest()) {
      return "too-many-hosts";
    }
    const host = newHost(info, now);
    this.#byId.set(info.id, host);
    this.names.add(host);
    return host;
  }

  /** Adds a silent host from an earlier run; `null` without room. */
  remember(
    info: HostInfo,
    { addresses, heardAt }: {
      readonly addresses: readonly string[];
      readonly heardAt: number;
    },
  ): KnownHost | null {
    if (this.#byId.size >= this.#limits.hosts && !this.#forgetOldest()) {
      return null;
    }
    const host = newHost(info, heardAt);
    this.#addresses.remember(host, addresses, heardAt);
    if (!host.isProven && !isV1HostId(host.id)) this.beforeKeys.add(host);
    this.#byId.set(info.id, host);
    this.names.add(host);
    return host;
  }

  /** A host known only from sightings. It is in no list. */
  stranger(
    { id, name }: Pick<HostInfo, "id" | "name">,
    seenAt: number,
  ): KnownHost {
    const host = newHost({ id, name, version: null, everyMs: 0 }, seenAt);
    host.liveness = "gone";
    this.names.add(host);
    return host;
  }

  /** A host announced itself from this address. */
  announced(
    host: KnownHost,
    { address, ...hearing }: {
      readonly address: string;
      readonly now: number;
      readonly announcedAt?: number | undefined;
    },
  ): void {
    const hasRoom = this.#addresses.announced(host, address, hearing);
    if (!hasRoom) this.forgotten.addresses++;
  }

  /** The last announcement of a host also came from this address. */
  alsoHeard(host: KnownHost, address: string, now: number): void {
    const hasRoom = this.#addresses.alsoHeard(host, address, now);
    if (!hasRoom) this.forgotten.addresses++;
  }

  /** A host is no longer up. */
  silenced(host: KnownHost, liveness: "stale" | "gone"): void {
    host.liveness = liveness;
    this.silent.add(host);
    this.#addresses.silenced(host);
  }

  /** The hosts that have another name or other addresses since the last call. */
  takeRedescribed(): Iterable<KnownHost> {
    const hosts = this.#redescribed;
    if (hosts.size > 0) this.#redescribed = new Set();
    return hosts;
  }

  /** Drops a host and its disks; this host stays. */
  delete(host: KnownHost): void {
    if (host === this.self || !this.#byId.delete(host.id)) return;
    this.silent.delete(host);
    this.names.delete(host);
    this.#addresses.delete(host);
    this.#redescribed.delete(host);
    this.beforeKeys.delete(host);
    this.#weight = subtractWeights(this.#weight, host.weight);
  }

  /**
   * The part of a host's list that fits, after dropping silent hosts for it.
   * This host always has its share.
   */
  fit(host: KnownHost, disks: readonly Disk[]): Front {
    const { disksPerHost, bytesPerHost } = this.#limits;
    const own = frontOf(disks, { disks: disksPerHost, bytes: bytesPerHost });
    const roomLeft = () =>
      addWeights(subtractWeights(this.#limits, this.#weight), host.weight);
    while (!isWithinLimits(own.weight, roomLeft()) && this.#forgetOldest());
    const front = host === this.self || isWithinLimits(own.weight, roomLeft())
      ? own
      : frontOf(own.disks, roomLeft());
    const cut = disks.length - front.disks.length;
    this.forgotten.disks += Math.max(0, cut - host.cut);
    host.cut = cut;
    return front;
  }

  /** Replaces a host's list, with the times since when each disk is there. */
  setDisks(
    host: KnownHost,
    { disks, weight }: Pick<Front, "disks" | "weight">,
    since: readonly number[],
  ): void {
    this.#weight = addWeights(
      subtractWeights(this.#weight, host.weight),
      weight,
    );
    host.disks = disks;
    host.weight = weight;
    host.since = since;
  }

  /** Removes disks from the list of a host that is gone. */
  dropDisks(host: KnownHost, isChosen: (disk: Disk) => boolean): void {
    const disks: Disk[] = [];
    const since: number[] = [];
    host.disks.forEach((disk, index) => {
      if (isChosen(disk)) {
        this.silent.take(disk);
      } else {
        disks.push(disk);
        since.push(host.since[index]!);
      }
    });
    if (disks.length === host.disks.length) return;
    this.setDisks(host, { disks, weight: weigh(disks) }, since);
  }

  /** Drops the host silent for longest; `false` if there is none. */
  #forgetOldest(): boolean {
    const { oldest } = this.silent;
    if (oldest === undefined) return false;
    this.#letGo(oldest);
    return true;
  }

  /**
   * Whether another host may have this address, after dropping the host silent
   * there for longest.
   */
  #makeRoomAt(address: string): boolean {
    const hosts = this.#addresses.at(address);
    if (hosts.length < this.#limits.hostsPerAddress) return true;
    let oldest: KnownHost | null = null;
    for (const host of hosts) {
      if (host.liveness === "up") continue;
      if (oldest === null || host.heardAt < oldest.heardAt) oldest = host;
    }
    if (oldest === null) return false;
    this.#letGo(oldest);
    return true;
  }

  #letGo(host: KnownHost): void {
    this.forgotten.hosts++;
    this.forgotten.disks += host.disks.length;
    this.delete(host);
  }
}

/** For a history that cannot be opened yet. */
const MAX_REKEYED = 1_000;

/** A host has another id than `from`. */
export interface Rekeyed {
  readonly from: string;
  readonly to: string;
}

/** A host as stored: its public fields, and bookkeeping. */
export type KnownHost = { -readonly [K in keyof Host]: Host[K] } & Addressed & {
  readonly lastMounts: LastMounts;
  /** Of its disks. */
  weight: Weight;
  /** Number of disks cut from its list. */
  cut: number;
  /** When its daemon was seen to have started, as a host known before; monotonic ms. */
  startedAt: number;
};

function newHost(info: HostInfo, now: number): KnownHost {
  return {
    id: info.id,
    name: info.name,
    version: info.version,
    everyMs: info.everyMs,
    key: info.key ?? null,
    isProven: info.isProven ?? !isV1HostId(info.id),
    ...unheard(),
    heardAt: now,
    liveness: "up",
    disks: [],
    since: [],
    isRemembered: false,
    lastMounts: new LastMounts(),
    weight: NO_WEIGHT,
    cut: 0,
    startedAt: -Infinity,
  };
}

/** When a host becomes stale unless heard before. */
export function staleAt(host: Host): number {
  return host.heardAt + STALE_AFTER_INTERVALS * host.everyMs;
}

/**
 * The hosts that are not up, and their disks. Such a disk, seen elsewhere, has
 * moved if it is on the same drive. If all hosts are up this is empty and costs
 * nothing.
 */
class SilentHosts {
  readonly #hosts = new Set<KnownHost>();
  /** The host that fell silent last, and its disks of this name. */
  readonly #byDisk = new Map<
    string,
    { readonly owner: KnownHost; readonly disks: Disk[] }
  >();

  /** The host silent for longest. */
  get oldest(): KnownHost | undefined {
    const [oldest] = this.#hosts;
    return oldest;
  }

  /** A host is no longer up. A stale host that says goodbye keeps its age. */
  add(host: KnownHost): void {
    this.#hosts.add(host);
    for (const disk of host.disks) {
      const name = disk.hidden === null ? diskName(disk) : null;
      if (name !== null) this.#byDisk.set(name, { owner: host, disks: [] });
    }
    for (const disk of host.disks) {
      const known = this.#byDisk.get(diskName(disk) ?? "");
      if (known?.owner !== host || known.disks.length === MAX_NAMESAKES) {
        continue;
      }
      known.disks.push(disk);
    }
  }

  /** A host is up again, or dropped. Must be called before its disks are replaced. */
  delete(host: KnownHost): void {
    if (!this.#hosts.delete(host)) return;
    for (const disk of host.disks) {
      const name = diskName(disk);
      if (name !== null && this.#byDisk.get(name)?.owner === host) {
        this.#byDisk.delete(name);
      }
    }
  }

  /**
   * Removes and returns the silent host that had this disk, because the disk
   * has now moved; not if it may be a clone: the drive must prove it.
   */
  take(disk: Disk): KnownHost | undefined {
    if (this.#byDisk.size === 0) return undefined;
    const name = diskName(disk);
    if (name === null) return undefined;
    const known = this.#byDisk.get(name);
    const isSame = known?.disks.some((one) =>
      compareDrives(one, disk) === "same"
    );
    if (!isSame) return undefined;
    this.#byDisk.delete(name);
    return known!.owner;
  }
}

/** Disks of one name that are compared; a host has more only if it lies. */
const MAX_NAMESAKES = 16;
