import { type Disk, FACT_NAMES } from "./disk.ts";
import type { Host } from "./host.ts";

/** A notable change of a disk or a host. `at` is monotonic, in ms. */
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
    /** Its previous host. */
    readonly from: Host;
    readonly disk: Disk;
  }
  | {
    readonly event: "mounted" | "unmounted";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
    /** Element of `Disk.mounts`. */
    readonly mount: string;
  }
  | {
    readonly event: "host-up" | "host-stale" | "host-gone";
    readonly at: number;
    readonly host: Host;
    readonly disk: null;
  };

/** A disk with a new or removed mount point. */
interface MountOf {
  readonly disk: Disk;
  readonly mount: string;
}

/** Differences between two successive disk lists of a host. */
export interface DiskDifference {
  readonly attached: readonly Disk[];
  readonly detached: readonly Disk[];
  /** Disks with a change in fields other than `mounts`. */
  readonly changed: readonly Disk[];
  readonly mounted: readonly MountOf[];
  readonly unmounted: readonly MountOf[];
}

/**
 * Compares two lists by device. Another disk on the same device counts as a
 * detached and an attached disk, a disk with other changed fields as changed.
 * Mount points of an attached or detached disk are not reported separately.
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
 * A remembered list with the mounts and holders its disks have now: the
 * remembered ones may be old, so their change is no event.
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

/** The mount points of `disk` missing from `before`. */
function newMounts(disk: Disk, before: Disk): MountOf[] {
  if (disk.mounts.length === 0) return NO_MOUNTS;
  return disk.mounts
    .filter((mount) => !before.mounts.includes(mount))
    .map((mount) => ({ disk, mount }));
}

const NO_MOUNTS: MountOf[] = [];

/** Whether the compared lists are equal. */
export function isUnchanged(difference: DiskDifference): boolean {
  return Object.values(difference).every(({ length }) => length === 0);
}

function sameIdentity(a: Disk, b: Disk): boolean {
  return a.uuid === b.uuid && a.uuid_sub === b.uuid_sub &&
    (a.uuid !== null || a.label === b.label);
}

function sameDisk(a: Disk, b: Disk): boolean {
  return FACT_NAMES.every((name) => a[name] === b[name]) &&
    !isRemounted(a, b) && sameTexts(a.holders, b.holders);
}

/** Whether a common mount point is read-only in one of them only. */
function isRemounted(a: Disk, b: Disk): boolean {
  return a.mounts.some((mount) =>
    b.mounts.includes(mount) &&
    a.mounts_ro.includes(mount) !== b.mounts_ro.includes(mount)
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
