import { AddressBook } from "./address_book.ts";
import type { Refusal } from "./applied.ts";
import type { Disk } from "./disk.ts";
import type { HostInfo } from "./host.ts";
import { type KnownHost, newHost, noteAddress } from "./known_host.ts";
import type { Forgotten, InventoryLimits } from "./limits.ts";
import { SilentHosts } from "./silent_hosts.ts";
import { add, type Front, frontOf, isWithin, subtract } from "./weight.ts";
import { NO_WEIGHT, weigh } from "./weight.ts";

/** Every host that is known, and the room for them: where there is none, whoever has been silent for the longest goes. */
export class KnownHosts {
  /** This host. */
  readonly self: KnownHost;
  /** Those that are not up. */
  readonly silent = new SilentHosts();
  /** What was let go of for want of room. */
  readonly forgotten: Forgotten = { hosts: 0, disks: 0, addresses: 0 };
  readonly #limits: InventoryLimits;
  readonly #byId = new Map<string, KnownHost>();
  readonly #byAddress = new AddressBook();
  /** Of all hosts. */
  #weight = NO_WEIGHT;

  constructor(self: HostInfo, limits: InventoryLimits) {
    this.#limits = limits;
    this.self = newHost(self, 0);
    this.#byId.set(self.id, this.self);
  }

  get(id: string): KnownHost | undefined {
    return this.#byId.get(id);
  }

  /** Every host known, this one first. */
  *values(): IterableIterator<KnownHost> {
    yield this.self;
    for (const host of this.#byId.values()) {
      if (host !== this.self) yield host;
    }
  }

  /** This host calls itself something else from now on. */
  describeSelf(info: HostInfo): void {
    if (info.id !== this.self.id) {
      this.#byId.delete(this.self.id);
      this.#byId.set(info.id, this.self);
    }
    Object.assign(this.self, info);
  }

  /** The addresses that this host has now. */
  setOwnAddresses(addresses: readonly string[]): void {
    this.#byAddress.replace(this.self, addresses);
    this.self.addresses = [...addresses];
  }

  /** A newcomer's record, or why there is no room for it: everybody is up, in all or at its address. */
  admit(
    info: HostInfo,
    { address, now }: { address: string; now: number },
  ): KnownHost | Refusal {
    if (!this.#makeRoomAt(address)) return "crowded-address";
    if (this.#byId.size >= this.#limits.hosts && !this.#forgetOldest()) {
      return "too-many-hosts";
    }
    const host = newHost(info, now);
    this.#byId.set(info.id, host);
    return host;
  }

  /** What was known of a host that is silent; `null` when there is no room. */
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
    const known = addresses.slice(0, this.#limits.addressesPerHost);
    this.#byAddress.replace(host, known);
    host.addresses = known;
    host.addressHeardAt = known.map(() => heardAt);
    this.#byId.set(info.id, host);
    return host;
  }

  /** A host was heard from this address. */
  noteAddress(host: KnownHost, address: string, now: number): void {
    const hasRoom = noteAddress(host, address, {
      now,
      limits: this.#limits,
      book: this.#byAddress,
    });
    if (!hasRoom) this.forgotten.addresses++;
  }

  /** Whether a host that is up has this address. */
  isUpAt(address: string): boolean {
    return this.#byAddress.at(address).some(({ liveness }) =>
      liveness === "up"
    );
  }

  /** Drops a host and its disks; this one stays. */
  delete(host: KnownHost): void {
    if (host === this.self || !this.#byId.delete(host.id)) return;
    this.silent.delete(host);
    this.#byAddress.replace(host, []);
    this.#weight = subtract(this.#weight, host.weight);
  }

  /** As much of a host's list as there is room for, once the silent have made some. This host always has its share. */
  fit(host: KnownHost, disks: readonly Disk[]): Front {
    const { disksPerHost, bytesPerHost } = this.#limits;
    const own = frontOf(disks, { disks: disksPerHost, bytes: bytesPerHost });
    const roomLeft = () =>
      add(subtract(this.#limits, this.#weight), host.weight);
    while (!isWithin(own.weight, roomLeft()) && this.#forgetOldest());
    const front = host === this.self || isWithin(own.weight, roomLeft())
      ? own
      : frontOf(own.disks, roomLeft());
    const cut = disks.length - front.disks.length;
    this.forgotten.disks += Math.max(0, cut - host.cut);
    host.cut = cut;
    return front;
  }

  /** Gives a host another list, and since when each disk of it is there. */
  setDisks(
    host: KnownHost,
    { disks, weight }: Pick<Front, "disks" | "weight">,
    since: readonly number[],
  ): void {
    this.#weight = add(subtract(this.#weight, host.weight), weight);
    host.disks = disks;
    host.weight = weight;
    host.since = since;
  }

  /** Takes disks out of the list of a host that is gone. */
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

  /** Makes room by forgetting whoever has been silent for the longest; `false` when nobody is. */
  #forgetOldest(): boolean {
    const { oldest } = this.silent;
    if (oldest === undefined) return false;
    this.#letGo(oldest);
    return true;
  }

  /** Whether one more host may have this address, once whoever has been silent there for the longest is forgotten. */
  #makeRoomAt(address: string): boolean {
    const hosts = this.#byAddress.at(address);
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
