import { type Disk, diskName } from "./disk.ts";
import { compareDrives } from "./evidence.ts";
import type { KnownHost } from "./known_host.ts";
import { wasLongUp } from "./standing.ts";

/**
 * The hosts that are not up, and their disks. Such a disk, seen elsewhere, has
 * moved if it is on the same drive. If all hosts are up this is empty and costs
 * nothing.
 */
export class SilentHosts {
  /** Those that were not up for long, the longest silent first. */
  readonly #newcomers = new Set<KnownHost>();
  /** The others, likewise. */
  readonly #known = new Set<KnownHost>();
  /** The host that fell silent last, and its disks of this name. */
  readonly #byDisk = new Map<
    string,
    { readonly owner: KnownHost; readonly disks: Disk[] }
  >();

  newcomers(): Iterable<KnownHost> {
    return this.#newcomers;
  }

  known(): Iterable<KnownHost> {
    return this.#known;
  }

  /** A host is no longer up. A stale host that says goodbye keeps its age. */
  add(host: KnownHost): void {
    (wasLongUp(host) ? this.#known : this.#newcomers).add(host);
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
    if (!this.#newcomers.delete(host) && !this.#known.delete(host)) return;
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
