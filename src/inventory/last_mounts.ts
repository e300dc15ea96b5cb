import type { DiskDifference } from "./change.ts";
import type { Disk } from "./disk.ts";

/** Of one disk, in UTF-16 units: the first that fit are kept. No list limits them, since they are in none any more. */
export const MAX_LAST_MOUNTS_LENGTH = 256;

/**
 * Where those disks of a host were mounted that are there and are mounted no
 * more. People unmount a disk before they pull it, and then ask where it was
 * mounted.
 */
export class LastMounts {
  /** By device; `null` as long as there are none, as on most hosts. */
  #byDevice: Map<string, readonly string[]> | null = null;

  /** The list of disks has become another one. */
  note({ mounted, unmounted, detached }: DiskDifference): void {
    for (const { disk } of mounted) this.#byDevice?.delete(disk.device);
    for (const { device } of detached) this.#byDevice?.delete(device);
    for (const { disk, mount } of unmounted) {
      if (disk.mounts.length === 0) this.#add(disk.device, mount);
    }
  }

  /** A list that was remembered has been confirmed by this one. */
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

  /** A disk that is mounted no more, as it was when it was. Others as they are. */
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
