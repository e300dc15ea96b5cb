import { readDatagram, readDisks } from "../../src/codec/read_datagram.ts";
import { writeAnnouncement } from "../../src/codec/write_datagram.ts";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";
import { announcement } from "../support/announcements.ts";
import { type Benchmark, figure } from "./figure.ts";

const DISKS = 10;
const WARM_UP_RUNS = 20_000;
const SAMPLES = 101;
const RUNS_PER_SAMPLE = 500;

/** Reading an announcement of ten disks, header and list. */
export const decode: Benchmark = {
  name: "decode",
  needsLan: false,
  measure() {
    const disks = Array.from({ length: DISKS }, (_, i) => typicalDisk(i));
    const id = "9f0c2a7be4d14f6b9a3c5d7e8f901234";
    const version2 = writeAnnouncement(announcement({ id, disks }));
    const version1 = [writeVersion1(disks)];
    return Promise.resolve([
      figure("decode an announcement of 10 disks, v2", "us", {
        samples: microseconds(() => decodeAll(version2)),
        goal: { atMost: 10 },
      }),
      figure("decode an announcement of 10 disks, v1", "us", {
        samples: microseconds(() => decodeAll(version1)),
        goal: { atMost: 50 },
      }),
    ]);
  },
};

/** A disk as a file server has them; most are mounted, some have no label. */
function typicalDisk(i: number): Disk {
  const digit = i.toString(16);
  return makeDisk({
    device: `/dev/sd${String.fromCharCode(97 + i)}1`,
    uuid: `8261f66${digit}-3c2f-4432-9d52-aba849a9312${digit}`,
    label: i % 3 === 2 ? null : `backup-20${10 + i}`,
    type: "ext4",
    size: 4_000_787_030_016 + i * 512,
    mounts: i % 4 === 3 ? [] : [`/srv/backup/20${10 + i}`],
    model: "WDC WD40EFRX-68N32N0",
    serial: `WD-WCC7K${1_000_000 + i}`,
  });
}

/** Names only, in block style, as 0.01 sends them. */
function writeVersion1(disks: readonly Disk[]): Uint8Array {
  const rows = disks.map(({ uuid, label, device }) =>
    `- - ${uuid ?? "~"}\n  - ${label ?? "~"}\n  - ${device}\n`
  );
  return new TextEncoder().encode(`diskd:---\n${rows.join("")}`);
}

function decodeAll(datagrams: readonly Uint8Array[]): void {
  let disks = 0;
  for (const bytes of datagrams) {
    const read = readDisks(readDatagram(bytes));
    if (read.format === "rejected") throw new Error(read.reason);
    disks += read.disks.length;
  }
  if (disks !== DISKS) throw new Error(`Found ${disks} disks, expected 10`);
}

function microseconds(run: () => void): number[] {
  for (let i = 0; i < WARM_UP_RUNS; i++) run();
  return Array.from({ length: SAMPLES }, () => {
    const startMs = performance.now();
    for (let i = 0; i < RUNS_PER_SAMPLE; i++) run();
    return (performance.now() - startMs) * 1000 / RUNS_PER_SAMPLE;
  });
}
