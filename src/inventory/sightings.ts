import type { DiskDifference, Renamed } from "./change.ts";
import { type Disk, nameAt } from "./disk.ts";
import { compareDrives } from "./evidence.ts";
import type { Host } from "./host.ts";
import { type Forgotten, type InventoryLimits, weighDisk } from "./limits.ts";

/** The last place of a disk attached to no host. Times are monotonic ms. */
export interface Sighting {
  /** With its last mount points. */
  readonly disk: Disk;
  readonly host: Host;
  /** The name that its host had then. */
  readonly hostName: string;
  /** Since when it was known to be there. */
  readonly from: number;
  /** When it was last known to be there. */
  readonly until: number;
  /** Whether it left its host then; otherwise nobody knows. */
  readonly hasLeft: boolean;
}

type SightingLimits = Pick<InventoryLimits, "sightings" | "sightingBytes">;

/**
 * The last sighting of each detached disk. At the limit the host with most
 * loses its oldest, which is counted.
 */
export class Sightings {
  readonly #limits: SightingLimits;
  readonly #forgotten: Forgotten;
  readonly #byDisk = new Map<string, Sighting>();
  /** What each host has of the limits, with the keys, the oldest first. */
  readonly #shares = new Map<Host, { keys: Set<string>; bytes: number }>();
  #bytes = 0;

  constructor(limits: SightingLimits, forgotten: Forgotten) {
    this.#limits = limits;
    this.#forgotten = forgotten;
  }

  add(sighting: Sighting): void {
    const { disk, host } = sighting;
    const key = nameAt(disk, host.id);
    this.#delete(key);
    this.#byDisk.set(key, sighting);
    const share = this.#shares.get(host) ?? { keys: new Set(), bytes: 0 };
    this.#shares.set(host, share);
    share.keys.add(key);
    this.#count(share, weighDisk(disk));
    const { sightings, sightingBytes } = this.#limits;
    while (this.#byDisk.size > sightings || this.#bytes > sightingBytes) {
      this.#forgetOne();
    }
  }

  #forgetOne(): void {
    const { sightings, sightingBytes } = this.#limits;
    let most = -1;
    let oldest = "";
    for (const { keys, bytes } of this.#shares.values()) {
      const share = Math.max(keys.size / sightings, bytes / sightingBytes);
      if (share <= most) continue;
      most = share;
      [oldest = ""] = keys;
    }
    this.#delete(oldest);
    this.#forgotten.disks++;
  }

  #delete(key: string): void {
    const sighting = this.#byDisk.get(key);
    if (sighting === undefined) return;
    this.#byDisk.delete(key);
    const share = this.#shares.get(sighting.host)!;
    share.keys.delete(key);
    this.#count(share, -weighDisk(sighting.disk));
    if (share.keys.size === 0) this.#shares.delete(sighting.host);
  }

  #count(share: { bytes: number }, bytes: number): void {
    share.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Adds a sighting, unless a later one of the disk is known. */
  learn(sighting: Sighting): void {
    const known = this.#byDisk.get(
      nameAt(sighting.disk, sighting.host.id),
    );
    if (known === undefined || known.until < sighting.until) {
      this.add(sighting);
    }
  }

  /** The sighting of the disk with this `nameAt`. */
  get(name: string): Sighting | undefined {
    return this.#byDisk.get(name);
  }

  /**
   * Removes and returns the sighting of a disk, now attached to `host`; not if
   * it may be another one, such as a clone.
   */
  take(disk: Disk, host: Host): Sighting | undefined {
    if (this.#byDisk.size === 0) return undefined;
    const key = nameAt(disk, host.id);
    const sighting = this.#byDisk.get(key);
    if (sighting === undefined) return undefined;
    const isKnownGone = sighting.hasLeft || sighting.host.id === host.id;
    const drives = compareDrives(sighting.disk, disk);
    if (isKnownGone ? drives === "different" : drives !== "same") {
      return undefined;
    }
    this.#delete(key);
    return sighting;
  }

  /** Hosts have other ids. */
  rekey(): void {
    const sightings = [...this.#byDisk.values()];
    this.#byDisk.clear();
    this.#shares.clear();
    this.#bytes = 0;
    for (const sighting of sightings) this.add(sighting);
  }

  /** Drops the chosen sightings, and returns them. */
  drop(isChosen: (sighting: Sighting) => boolean): Sighting[] {
    const chosen = [...this.#byDisk].filter(([, one]) => isChosen(one));
    for (const [key] of chosen) this.#delete(key);
    return chosen.map(([, sighting]) => sighting);
  }

  values(): IterableIterator<Sighting> {
    return this.#byDisk.values();
  }
}

/**
 * For a disk, in UTF-16 units: the first mount points that fit are kept. The
 * limits of lists do not apply to them.
 */
export const MAX_LAST_MOUNTS_LENGTH = 256;

/**
 * The last mount points of a host's unmounted disks. People unmount a disk
 * before they pull it, and then ask where it was mounted.
 */
export class LastMounts {
  /** By device; `null` while there are none, as on most hosts. */
  #byDevice: Map<string, readonly string[]> | null = null;

  /** Updates it after a change of the disk list. */
  note({ mounted, unmounted, detached, renamed }: DiskDifference): void {
    this.#rename(renamed);
    for (const { disk } of mounted) this.#byDevice?.delete(disk.device);
    for (const { device } of detached) this.#byDevice?.delete(device);
    for (const { disk, mount } of unmounted) {
      if (disk.mounts.length === 0) this.#add(disk.device, mount);
    }
  }

  /** All at once: one may be where another one was. */
  #rename(renamed: readonly Renamed[]): void {
    if (this.#byDevice === null) return;
    const known = renamed.map(({ disk, fromDevice }) =>
      [disk.device, this.#byDevice!.get(fromDevice)] as const
    );
    for (const { fromDevice } of renamed) this.#byDevice.delete(fromDevice);
    for (const [device, mounts] of known) {
      if (mounts !== undefined) this.#byDevice.set(device, mounts);
    }
  }

  /** Of a disk that has no mount points. */
  keep(device: string, mounts: readonly string[]): void {
    for (const mount of mounts) this.#add(device, mount);
  }

  /** Updates it when a remembered list is confirmed by the present one. */
  noteRemembered(before: readonly Disk[], now: readonly Disk[]): void {
    const idle = new Set<string>();
    for (const { device, mounts } of now) {
      if (mounts.length === 0) idle.add(device);
    }
    for (const { device, mounts } of before) {
      if (!idle.has(device)) continue;
      for (const mount of mounts) this.#add(device, mount);
    }
  }

  /** An unmounted disk with its last mount points; other disks unchanged. */
  restoreTo(disk: Disk): Disk {
    const mounts = disk.mounts.length > 0
      ? undefined
      : this.#byDevice?.get(disk.device);
    return mounts === undefined ? disk : { ...disk, mounts };
  }

  #add(device: string, mount: string): void {
    const known = this.#byDevice?.get(device) ?? [];
    const length = known.reduce((sum, { length }) => sum + length, 0);
    if (length + mount.length > MAX_LAST_MOUNTS_LENGTH) return;
    this.#byDevice ??= new Map();
    this.#byDevice.set(device, [...known, mount]);
  }
}

/** Since when each disk of a host is there, by device. */
export function sinceByDevice(
  { disks, since }: Pick<Host, "disks" | "since">,
): ReadonlyMap<string, number> {
  return new Map(disks.map(({ device }, index) => [device, since[index]!]));
}

/**
 * Since when each disk of a new list is there: now for attached disks,
 * unchanged for the others.
 */
export function sinceOf(
  disks: readonly Disk[],
  { before, attached, renamed, now }: {
    readonly before: ReadonlyMap<string, number>;
    readonly attached: readonly Disk[];
    readonly renamed: readonly Renamed[];
    readonly now: number;
  },
): number[] {
  const came = new Set(attached);
  const deviceBefore = new Map(
    renamed.map(({ disk, fromDevice }) => [disk, fromDevice]),
  );
  return disks.map((disk) =>
    came.has(disk)
      ? now
      : before.get(deviceBefore.get(disk) ?? disk.device) ?? now
  );
}
