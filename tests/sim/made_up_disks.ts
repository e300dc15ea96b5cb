import { type Disk, makeDisk } from "../../src/inventory/disk.ts";

/** Disks as a server has them. */
export function madeUpDisks(host: number, count: number): Disk[] {
  return Array.from({ length: count }, (_, i) => {
    const number = (host * 1_000 + i).toString(16).padStart(12, "0");
    return makeDisk({
      device: `/dev/sd${String.fromCharCode(97 + i % 26)}1`,
      uuid: `8261f666-5d2a-4c1e-9b0f-${number}`,
      label: `backup-${host}-${i}`,
      type: "ext4",
      size: 4_000_787_030_016,
      mounts: i % 2 === 0 ? [`/mnt/backup-${i}`] : [],
      rm: false,
      ro: false,
    });
  });
}
