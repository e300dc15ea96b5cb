import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";

/** Something notable that happened to a disk or a host. `at` is on the monotonic clock, in ms. */
export type Change =
  | {
    readonly event: "attached" | "detached" | "changed" | "moved";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
  }
  | {
    readonly event: "host-up" | "host-stale" | "host-gone";
    readonly at: number;
    readonly host: Host;
    readonly disk: null;
  };

/** How one host's list of disks differs from the one before. */
export interface DiskDifference {
  readonly attached: readonly Disk[];
  readonly detached: readonly Disk[];
  readonly changed: readonly Disk[];
}

/**
 * Compares two lists by device. A device that now carries another disk counts
 * as one detached and one attached, a disk whose other fields changed as changed.
 */
export function compareDisks(
  before: readonly Disk[],
  after: readonly Disk[],
): DiskDifference {
  const old = new Map(before.map((disk) => [disk.device, disk]));
  const attached: Disk[] = [];
  const detached: Disk[] = [];
  const changed: Disk[] = [];
  for (const disk of after) {
    const known = old.get(disk.device);
    old.delete(disk.device);
    if (known === undefined) {
      attached.push(disk);
    } else if (!sameIdentity(known, disk)) {
      detached.push(known);
      attached.push(disk);
    } else if (!sameDisk(known, disk)) {
      changed.push(disk);
    }
  }
  detached.push(...old.values());
  return { attached, detached, changed };
}

/** Whether two lists say the same of the same devices, in any order. */
export function sameDisks(a: readonly Disk[], b: readonly Disk[]): boolean {
  if (a.length !== b.length) return false;
  const { attached, detached, changed } = compareDisks(a, b);
  return attached.length + detached.length + changed.length === 0;
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
    a.mounts.length === b.mounts.length &&
    a.mounts.every((mount, i) => mount === b.mounts[i]);
}
