import type { Disk } from "./disk.ts";
import { diskName } from "./disk_name.ts";
import type { KnownHost } from "./known_host.ts";

/**
 * The hosts that are not up, and the disks that they had. A disk of theirs
 * that is seen elsewhere has moved. On a LAN where all are up this is empty
 * and costs nothing.
 */
export class SilentHosts {
  readonly #hosts = new Set<KnownHost>();
  readonly #byDisk = new Map<string, KnownHost>();

  /** The one that is here for the longest. */
  get oldest(): KnownHost | undefined {
    const [oldest] = this.#hosts;
    return oldest;
  }

  /** A host is up no more. One that is stale and says goodbye is not younger for that. */
  add(host: KnownHost): void {
    this.#hosts.add(host);
    for (const disk of host.disks) {
      const name = diskName(disk);
      if (name !== null) this.#byDisk.set(name, host);
    }
  }

  /** A host is up again, or is forgotten. To be called before its disks are replaced. */
  delete(host: KnownHost): void {
    if (!this.#hosts.delete(host)) return;
    for (const disk of host.disks) {
      const name = diskName(disk);
      if (name !== null && this.#byDisk.get(name) === host) {
        this.#byDisk.delete(name);
      }
    }
  }

  /** The host that took this disk with it when it fell silent; asked once, since then the disk has moved. */
  take(disk: Disk): KnownHost | undefined {
    if (this.#byDisk.size === 0) return undefined;
    const name = diskName(disk);
    if (name === null) return undefined;
    const host = this.#byDisk.get(name);
    this.#byDisk.delete(name);
    return host;
  }
}
