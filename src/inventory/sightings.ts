import type { Disk } from "./disk.ts";
import { diskName } from "./disk_name.ts";
import type { Host } from "./host.ts";

/** Where a disk that is attached nowhere now was seen last. */
export interface Sighting {
  readonly disk: Disk;
  readonly host: Host;
  /** When it was last known to be there, monotonic ms. */
  readonly until: number;
}

/** The last sighting of each detached disk; beyond the limit the oldest is forgotten. */
export class Sightings {
  readonly #limit: number;
  readonly #byDisk = new Map<string, Sighting>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns whether another had to be forgotten for it. */
  add(sighting: Sighting): boolean {
    const key = keyOf(sighting.disk, sighting.host);
    this.#byDisk.delete(key);
    this.#byDisk.set(key, sighting);
    if (this.#byDisk.size <= this.#limit) return false;
    const [oldest] = this.#byDisk.keys();
    this.#byDisk.delete(oldest!);
    return true;
  }

  /** Forgets the disk, because it is attached again, to `host`; returns where it was. */
  take(disk: Disk, host: Host): Sighting | undefined {
    if (this.#byDisk.size === 0) return undefined;
    const key = keyOf(disk, host);
    const sighting = this.#byDisk.get(key);
    this.#byDisk.delete(key);
    return sighting;
  }

  values(): IterableIterator<Sighting> {
    return this.#byDisk.values();
  }
}

/** A disk without a name cannot be told on another host. */
function keyOf(disk: Disk, host: Host): string {
  return diskName(disk) ?? `device ${disk.device} of ${host.id}`;
}
