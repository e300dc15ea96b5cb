import { writeAnnouncement } from "../../src/codec/write.ts";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";

/** Announcements of hosts that do not exist, made ahead so that sending them costs little. */
export interface MadeUpHost {
  readonly id: string;
  /** The next announcement; the bytes are overwritten by the next call. */
  next(): readonly Uint8Array[];
}

/** Digits of `seq`, so that it can be counted up in place. */
const FIRST_SEQ = 10_000_000;

/** A host that announces the same list again and again. */
export function madeUpHost(number: number, disks: readonly Disk[]): MadeUpHost {
  const id = `bench${String(number).padStart(27, "0")}`;
  const datagrams = writeAnnouncement({
    id,
    host: `bench-${number}`,
    version: "0.1.0",
    boot: Date.now(),
    seq: FIRST_SEQ,
    rev: 1,
    every: 3_600,
    ask: false,
    bye: false,
    disks,
  });
  const at = datagrams.map((bytes) =>
    new TextDecoder().decode(bytes).indexOf(`${FIRST_SEQ}`)
  );
  let seq = FIRST_SEQ;
  return {
    id,
    next() {
      const digits = new TextEncoder().encode(`${++seq}`);
      datagrams.forEach((bytes, i) => bytes.set(digits, at[i]!));
      return datagrams;
    },
  };
}

/** Disks such as a server has: partitions of whole drives, half of them mounted. */
export function madeUpDisks(count: number, host = 0): Disk[] {
  return Array.from({ length: count }, (_, i) => {
    const number = String(host * 10_000 + i).padStart(12, "0");
    return makeDisk({
      device: `/dev/sd${String.fromCharCode(97 + i % 26)}${i}`,
      uuid: `8261f666-0000-4000-8000-${number}`,
      label: `backup-${host}-${i}`,
      type: "ext4",
      size: 4_000_787_030_016,
      mounts: i % 2 === 0 ? [`/mnt/backup-${i}`] : [],
    });
  });
}
