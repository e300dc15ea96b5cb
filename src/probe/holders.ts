import type { Device } from "./device.ts";

/** Paths of the devices that lie directly on a device, by its kernel name, sorted. */
export type Holders = ReadonlyMap<string, readonly string[]>;

/**
 * What lies on what: the RAID on its members, the mapping on its LUKS
 * partition, the logical volumes on their physical one. Partitions are no
 * holders of their disk: they are parts of it.
 */
export function holdersOf(devices: readonly Device[]): Holders {
  const holders = new Map<string, string[]>();
  for (const device of devices) {
    for (const parent of device.parents) {
      if (isPartitionOf(device, parent)) continue;
      const known = holders.get(parent);
      if (known) known.push(device.path);
      else holders.set(parent, [device.path]);
    }
  }
  for (const paths of holders.values()) paths.sort();
  return holders;
}

/** Some versions of lsblk call the partitions of a RAID `md`, so their names count too: the kernel's are the disk's and a number, with a `p` between where the disk's ends in one. */
function isPartitionOf({ kind, kname }: Device, parent: string): boolean {
  if (kind === "part") return true;
  const rest = kname.startsWith(parent) ? kname.slice(parent.length) : "";
  return (/\d$/.test(parent) ? /^p\d+$/ : /^\d+$/).test(rest);
}
