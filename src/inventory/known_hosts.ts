import { AddressBook } from "./addresses.ts";
import type { NoRoom } from "./applied.ts";
import type { Disk } from "./disk.ts";
import { type HostInfo, isV1HostId } from "./host.ts";
import { HostNames, isSameName } from "./host_names.ts";
import { type KnownHost, newHost } from "./known_host.ts";
import { type Forgotten, type InventoryLimits, weigh } from "./limits.ts";
import { type NameHolder, NameHolders } from "./name_holders.ts";
import { Room } from "./room.ts";
import { SilentHosts } from "./silent_hosts.ts";
import {
  CALM_HOSTS,
  FORGET_KNOWN_MS,
  FORGET_NEWCOMER_MS,
  isOfMany,
  sourceOfHost,
  wasLongUp,
} from "./standing.ts";

/** All known hosts within the limits. */
export class KnownHosts {
  /** This host. */
  readonly self: KnownHost;
  /** Hosts that are not up. */
  readonly silent = new SilentHosts();
  readonly names = new HostNames();
  readonly holders: NameHolders;
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
  readonly room: Room;

  constructor(self: HostInfo, limits: InventoryLimits) {
    this.#limits = limits;
    this.#addresses = new AddressBook(
      limits,
      (host) => this.#redescribed.add(host),
    );
    this.holders = new NameHolders(
      limits.hosts * NAMES_PER_HOST,
      (id) => this.#byId.has(id),
    );
    this.self = newHost(self, 0);
    this.#byId.set(self.id, this.self);
    this.names.add(this.self);
    this.room = new Room({
      limits,
      forgotten: this.forgotten,
      self: this.self,
      silent: this.silent,
      hosts: () => this.#byId.values(),
      hostCount: () => this.#byId.size,
      hostsOf: (source) =>
        isOfMany(source)
          ? [...this.#byId.values()]
            .filter((host) => sourceOfHost(host) === source)
          : this.#addresses.at(source),
      letGo: (host) => this.#letGo(host),
    });
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
  rename(host: KnownHost, name: string, now: number): void {
    if (host.name === name) return;
    this.names.delete(host);
    if (!isSameName(host.name, name)) {
      this.holders.leave(host.name, host.id, now);
    }
    host.name = name;
    this.names.add(host);
    this.#redescribed.add(host);
  }

  /** A host that is forgotten has no name any more: the one that is known for longest has it. */
  releaseNames(id: string): void {
    for (const holder of [...this.holders.values()]) {
      if (holder.id === id) this.#release(holder);
    }
  }

  #release({ id, name }: NameHolder): void {
    this.holders.delete(name);
    const [next] = this.names.of(name)
      .flatMap((other) => other.id === id ? [] : this.#byId.get(other.id) ?? [])
      .filter((host) => host.isProven && host !== this.self)
      .sort((a, b) => a.knownSince - b.knownSince);
    if (next !== undefined) {
      this.holders.take(next.name, next.id, next.knownSince);
    }
  }

  /** The host that the name of this one is known of, if that is another one. */
  otherHolder(host: Pick<KnownHost, "id" | "name">): NameHolder | null {
    const { id, name } = host;
    if (id === this.self.id) return null;
    if (isSameName(name, this.self.name)) {
      return { ...this.self, since: 0, leftAt: null };
    }
    const holder = this.holders.of(name);
    return holder === undefined || holder.id === id ? null : holder;
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
    this.room.proved(host);
    this.beforeKeys.delete(host);
    this.#redescribed.add(host);
  }

  /** Sets the present addresses of this host. */
  setOwnAddresses(addresses: readonly string[]): void {
    this.#addresses.setOwn(this.self, addresses);
  }

  /** Adds a host, or returns why there is no room. */
  admit(
    info: HostInfo,
    { address, now }: { address: string; now: number },
  ): KnownHost | NoRoom {
    if (!this.#makeRoomAt(address, now)) return "crowded-address";
    const count = this.#addresses.at(address).length;
    if (!this.room.admits(address, { count, now })) return "too-many-hosts";
    const host = newHost(info, now);
    this.#byId.set(info.id, host);
    this.names.add(host);
    return host;
  }

  /** Adds a silent host from an earlier run; `null` without room. */
  remember(
    info: HostInfo,
    { addresses, heardAt, knownSince }: {
      readonly addresses: readonly string[];
      readonly heardAt: number;
      readonly knownSince: number;
    },
  ): KnownHost | null {
    const [address = ""] = addresses;
    const count = this.#addresses.at(address).length;
    if (!this.room.admits(address, { count, now: heardAt })) return null;
    const host = newHost(info, heardAt);
    host.knownSince = knownSince;
    this.#addresses.remember(host, addresses, heardAt);
    if (!host.isProven && !isV1HostId(host.id)) this.beforeKeys.add(host);
    this.#byId.set(info.id, host);
    this.names.add(host);
    if (host.isProven) this.holders.take(host.name, host.id, knownSince);
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

  /** The hosts heard from this address, the latest last. */
  at(address: string): readonly KnownHost[] {
    return this.#addresses.at(address);
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
    this.room.released(host);
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
    this.room.setDisks(host, { disks, weight: weigh(disks) }, since);
  }

  /**
   * Whether another host may have this address, after dropping the host silent
   * there for longest; a newcomer drops no host that was up for long.
   */
  #makeRoomAt(address: string, now: number): boolean {
    const hosts = this.#addresses.at(address);
    if (hosts.length < this.#limits.hostsPerAddress) return true;
    const [oldest] = hosts
      .filter((host) => host.liveness !== "up" && !wasLongUp(host))
      .sort((a, b) => a.heardAt - b.heardAt);
    if (oldest === undefined) this.room.refused.note(address, { now });
    else this.#letGo(oldest);
    return oldest !== undefined;
  }

  /** Whether more hosts have this address than an honest machine runs daemons. */
  isCrowded(address: string): boolean {
    return this.#addresses.at(address).length > CALM_HOSTS;
  }

  /** Drops silent hosts of crowded addresses, but not those known for longest: somebody may have invented the others. */
  forgetCrowds(now: number): void {
    const silent = [
      ...[...this.silent.newcomers()]
        .filter(({ heardAt }) => now - heardAt >= FORGET_NEWCOMER_MS),
      ...[...this.silent.known()]
        .filter(({ heardAt }) => now - heardAt >= FORGET_KNOWN_MS),
    ];
    for (const host of silent) {
      const address = host.sources[0]?.address;
      if (address === undefined || !this.isCrowded(address)) continue;
      const oldest = this.#addresses.at(address)
        .toSorted((a, b) => a.knownSince - b.knownSince)
        .slice(0, CALM_HOSTS);
      if (!oldest.includes(host)) this.#letGo(host);
    }
  }

  #letGo(host: KnownHost): void {
    this.forgotten.hosts++;
    this.forgotten.disks += host.disks.length;
    this.delete(host);
  }
}

/** Names remembered, for each host that there is room for. */
const NAMES_PER_HOST = 2;

/** For a history that cannot be opened yet. */
const MAX_REKEYED = 1_000;

/** A host has another id than `from`. */
export interface Rekeyed {
  readonly from: string;
  readonly to: string;
}
