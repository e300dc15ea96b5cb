import { reach } from "../inventory/layers.ts";
import type { Device } from "./device.ts";

/** Which devices of a host lie on which, by kernel names. */
export class DeviceGraph {
  readonly #byName: ReadonlyMap<string, Device>;
  readonly #children = new Map<string, Device[]>();

  constructor(devices: readonly Device[]) {
    this.#byName = new Map(devices.map((device) => [device.kname, device]));
    for (const device of devices) {
      for (const parent of device.parents) {
        const known = this.#children.get(parent);
        if (known === undefined) this.#children.set(parent, [device]);
        else known.push(device);
      }
    }
  }

  /** The devices directly below. */
  parents({ parents }: Device): Device[] {
    return parents.flatMap((name) => this.#byName.get(name) ?? []);
  }

  /** The devices directly on top, partitions too. */
  children({ kname }: Device): readonly Device[] {
    return this.#children.get(kname) ?? NONE;
  }

  /**
   * The RAID on top of its members, the mapping on top of its LUKS partition,
   * the logical volumes on top of their physical one. Partitions are parts of
   * their disk, not holders.
   */
  holders(device: Device): Device[] {
    return this.children(device)
      .filter((child) => !isPartitionOf(child, device.kname));
  }

  /** All devices below, through any number of layers, the nearest first. */
  below(device: Device): Set<Device> {
    return reach(this.parents(device), (one) => this.parents(one));
  }

  /** All devices on top, likewise. */
  above(device: Device): Set<Device> {
    return reach(this.children(device), (one) => this.children(one));
  }
}

const NONE: readonly Device[] = [];

/** Whether a device is a partition of another one. */
export function isPartition(device: Device): boolean {
  return device.kind === "part" ||
    device.parents.some((parent) => isPartitionOf(device, parent));
}

/**
 * Some versions of lsblk call the partitions of a RAID `md`, so names count
 * too: the kernel's name is that of the disk and a number, with a `p` in
 * between if the disk's name ends in a digit.
 */
function isPartitionOf({ kind, kname }: Device, parent: string): boolean {
  if (kind === "part") return true;
  const rest = kname.startsWith(parent) ? kname.slice(parent.length) : "";
  return (/\d$/.test(parent) ? /^p\d+$/ : /^\d+$/).test(rest);
}
