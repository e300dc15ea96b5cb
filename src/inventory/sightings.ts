import type { Disk } from "./disk.ts";
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

  add(sighting: Sighting): void {
    const name = diskName(sighting.disk);
    this.#byDisk.delete(name);
    this.#byDisk.set(name, sighting);
    if (this.#byDisk.size > this.#limit) {
      const [oldest] = this.#byDisk.keys();
      this.#byDisk.delete(oldest!);
    }
  }

  /** Forgets the disk, because it is attached again; returns where it was. */
  take(disk: Disk): Sighting | undefined {
    if (this.#byDisk.size === 0) return undefined;
    const name = diskName(disk);
    const sighting = this.#byDisk.get(name);
    this.#byDisk.delete(name);
    return sighting;
  }

  values(): IterableIterator<Sighting> {
    return this.#byDisk.values();
  }
}

/** What makes a disk the same one on another host: btrfs members share a UUID, so both count. */
function diskName(disk: Disk): string {
  return disk.uuid === null
    ? `label ${disk.label}`
    : `uuid ${disk.uuid} ${disk.uuid_sub ?? ""}`;
}
