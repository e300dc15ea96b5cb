import { readDatagram, readDisks } from "../../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../../src/codec/write_datagram.ts";
import { type Disk, makeDisk } from "../../../src/inventory/disk.ts";
import { announcement } from "../../support/announcements.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

export function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A disk of which everything is known. */
export function wholeDisk(changes: Partial<Disk> = {}): Disk {
  return makeDisk({
    device: "/dev/sdb1",
    uuid: "8261f666-75d5-4a2f-95f8-4bb1bacddd41",
    label: "backup-2019",
    type: "ext4",
    size: 4000787030016,
    mounts: ["/mnt/backup", "/srv/nfs/backup"],
    mounts_ro: ["/srv/nfs/backup"],
    holders: ["/dev/mapper/backup"],
    partuuid: "0a1b2c3d-01",
    partlabel: "primary",
    uuid_sub: "5faea5d0-75d5-4a2f-95f8-4bb1bacddd41",
    model: "WDC WD40EFRX-68N32N0",
    serial: "WD-WCC7K0000000",
    wwn: "0x50014ee2b0000000",
    tran: "sata",
    rm: false,
    ro: false,
    ...changes,
  });
}

/** The disks of datagrams that must be good. */
export function disksOf(datagrams: readonly Uint8Array[]): Disk[] {
  return datagrams.flatMap((bytes) => {
    const read = readDisks(readDatagram(bytes));
    if (read.format === "rejected") {
      throw new Error(
        `Cannot read a datagram: found ${read.reason} in ${decode(bytes)}`,
      );
    }
    return read.disks;
  });
}

/** What comes out of writing disks and reading them. */
export function roundTrip(disks: readonly Disk[]): Disk[] {
  return disksOf(writeAnnouncement(announcement({ disks })));
}
