import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";

/** Something notable that happened to a disk or a host. `at` is on the monotonic clock, in ms. */
export type Change =
  | {
    readonly event: "attached" | "detached" | "changed";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
  }
  | {
    readonly event: "moved";
    readonly at: number;
    readonly host: Host;
    /** Where it was before. */
    readonly from: Host;
    readonly disk: Disk;
  }
  | {
    readonly event: "mounted" | "unmounted";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
    /** One of `Disk.mounts`. */
    readonly mount: string;
  }
  | {
    readonly event: "host-up" | "host-stale" | "host-gone";
    readonly at: number;
    readonly host: Host;
    readonly disk: null;
  };

/** A disk that was mounted, or is no more. */
interface MountOf {
  readonly disk: Disk;
  readonly mount: string;
}

/** How one host's list of disks differs from the one before. */
export interface DiskDifference {
  readonly attached: readonly Disk[];
  readonly detached: readonly Disk[];
  /** Other fields than `mounts` are not what they were. */
  readonly changed: readonly Disk[];
  readonly mounted: readonly MountOf[];
  readonly unmounted: readonly MountOf[];
}

/**
 * Compares two lists by device. A device that now carries another disk counts
 * as one detached and one attached, a disk whose other fields changed as
 * changed. Where a disk comes or goes, its mounts come and go with it and are
 * not told apart.
 */
export function compareDisks(
  before: readonly Disk[],
  after: readonly Disk[],
): DiskDifference {
  const old = new Map(before.map((disk) => [disk.device, disk]));
  const attached: Disk[] = [];
  const detached: Disk[] = [];
  const changed: Disk[] = [];
  const mounted: MountOf[] = [];
  const unmounted: MountOf[] = [];
  for (const disk of after) {
    const known = old.get(disk.device);
    old.delete(disk.device);
    if (known === undefined) {
      attached.push(disk);
    } else if (!sameIdentity(known, disk)) {
      detached.push(known);
      attached.push(disk);
    } else {
      if (!sameDisk(known, disk)) changed.push(disk);
      mounted.push(...newMounts(disk, known));
      unmounted.push(
        ...newMounts(known, disk).map(({ mount }) => ({ disk, mount })),
      );
    }
  }
  detached.push(...old.values());
  return { attached, detached, changed, mounted, unmounted };
}

/**
 * A list that is remembered, as if its disks were used as they are now: what
 * they were mounted on and what lay on them when they were seen last may be
 * old, and is no change.
 */
export function usedAs(
  now: readonly Disk[],
  remembered: readonly Disk[],
): Disk[] {
  const current = new Map(now.map((disk) => [disk.device, disk]));
  return remembered.map((disk) => {
    const { mounts, mounts_ro, holders } = current.get(disk.device) ?? disk;
    return { ...disk, mounts, mounts_ro, holders };
  });
}

/** The mounts of `disk` that it had not as `before`. */
function newMounts(disk: Disk, before: Disk): MountOf[] {
  if (disk.mounts.length === 0) return NO_MOUNTS;
  return disk.mounts
    .filter((mount) => !before.mounts.includes(mount))
    .map((mount) => ({ disk, mount }));
}

const NO_MOUNTS: MountOf[] = [];

/** Whether two lists that were compared say the same. */
export function isEmpty(difference: DiskDifference): boolean {
  return Object.values(difference).every(({ length }) => length === 0);
}

function sameIdentity(a: Disk, b: Disk): boolean {
  return a.uuid === b.uuid && a.uuid_sub === b.uuid_sub &&
    (a.uuid !== null || a.label === b.label);
}

function sameDisk(a: Disk, b: Disk): boolean {
  return a.label === b.label && a.type === b.type && a.size === b.size &&
    a.partuuid === b.partuuid && a.partlabel === b.partlabel &&
    a.model === b.model && a.serial === b.serial && a.wwn === b.wwn &&
    a.tran === b.tran && a.rm === b.rm && a.ro === b.ro &&
    !isRemounted(a, b) && sameTexts(a.holders, b.holders);
}

/** Whether a mount that both have is read-only in one of them. */
function isRemounted(a: Disk, b: Disk): boolean {
  return a.mounts.some((mount) =>
    b.mounts.includes(mount) &&
    a.mounts_ro.includes(mount) !== b.mounts_ro.includes(mount)
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
