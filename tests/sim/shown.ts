import type { Disk } from "../../src/inventory/disk.ts";
import type { Host } from "../../src/inventory/host.ts";
import type { ShownDisk, ShownHost } from "./history.ts";

/** What of a host its viewers are compared by. */
export function shownHost(host: Host): ShownHost {
  const { id, name, liveness, addresses, disks } = host;
  return {
    id,
    name,
    liveness,
    addresses: [...addresses],
    disks: disks.map(shownDisk),
  };
}

export function shownDisk(disk: Disk): ShownDisk {
  const { device, uuid, label, mounts, size } = disk;
  return { device, uuid, label, mounts, size };
}
