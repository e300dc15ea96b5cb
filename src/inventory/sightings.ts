import type { Disk } from "./disk.ts";
import { nameAt } from "./disk_name.ts";
import type { Host } from "./host.ts";
import type { Forgotten } from "./limits.ts";

/** Where a disk that is attached nowhere now was seen last. Times are monotonic ms. */
export interface Sighting {
  /** With the mount points that it had last. */
  readonly disk: Disk;
  readonly host: Host;
  /** Since when it was known to be there. */
  readonly from: number;
  /** When it was last known to be there. */
  readonly until: number;
}

/** The last sighting of each detached disk; beyond the limit the oldest is forgotten, and counted. */
export class Sightings {
  readonly #limit: number;
  readonly #forgotten: Forgotten;
  readonly #byDisk = new Map<string, Sighting>();

  constructor(limit: number, forgotten: Forgotten) {
    this.#limit = limit;
    this.#forgotten = forgotten;
  }

  add(sighting: Sighting): void {
    const key = nameAt(sighting.disk, sighting.host.id);
    this.#byDisk.delete(key);
    this.#byDisk.set(key, sighting);
    if (this.#byDisk.size <= this.#limit) return;
    const [oldest] = this.#byDisk.keys();
    this.#byDisk.delete(oldest!);
    this.#forgotten.disks++;
  }

  /** Forgets the disk, because it is attached again, to `host`; returns where it was. */
  take(disk: Disk, host: Host): Sighting | undefined {
    if (this.#byDisk.size === 0) return undefined;
    const key = nameAt(disk, host.id);
    const sighting = this.#byDisk.get(key);
    this.#byDisk.delete(key);
    return sighting;
  }

  /** Forgets those that are chosen. */
  drop(isChosen: (sighting: Sighting) => boolean): void {
    for (const [key, sighting] of this.#byDisk) {
      if (isChosen(sighting)) this.#byDisk.delete(key);
    }
  }

  values(): IterableIterator<Sighting> {
    return this.#byDisk.values();
  }
}
