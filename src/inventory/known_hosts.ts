import type { Disk } from "./disk.ts";
import type { HostInfo } from "./host.ts";
import { type KnownHost, newHost } from "./known_host.ts";
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

  /** A newcomer's record; `null` when there is no room, and everybody is up. */
  admit(info: HostInfo, now: number): KnownHost | null {
    if (this.#byId.size >= this.#limits.hosts && !this.#forgetOldest()) {
      return null;
    }
    const host = newHost(info, now);
    this.#byId.set(info.id, host);
    return host;
  }

  /** Drops a host and its disks; this one stays. */
  delete(host: KnownHost): void {
    if (host === this.self || !this.#byId.delete(host.id)) return;
    this.silent.delete(host);
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
    this.forgotten.hosts++;
    this.forgotten.disks += oldest.disks.length;
    this.delete(oldest);
    return true;
  }
}
