/**
 * What reading an announcement of ten disks costs, header and list:
 *
 *     deno run -A tests/bench/codec.ts
 */
import { readDatagram, readDisks } from "../../src/codec/read.ts";
import { writeAnnouncement } from "../../src/codec/write.ts";
import { type Disk, makeDisk } from "../../src/inventory/disk.ts";

/** One line of the table of benchmarks. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What `value` is meant to be at most; `null` where nothing is demanded. */
  readonly goal: number | null;
}

const DISKS = 10;
const WARM_UP_RUNS = 20_000;
const SAMPLES = 101;
const RUNS_PER_SAMPLE = 500;

/** Medians of the codec, in microseconds an announcement. */
export function benchCodec(): BenchRow[] {
  const disks = Array.from({ length: DISKS }, (_, i) => typicalDisk(i));
  const version2 = writeAnnouncement({
    id: "9f0c2a7be4d14f6b9a3c5d7e8f901234",
    host: "alpha",
    version: "0.1.0",
    boot: 1790000000123,
    seq: 17,
    rev: 3,
    every: 30,
    ask: false,
    bye: false,
    disks,
  });
  const version1 = [writeVersion1(disks)];
  return [
    row("decode an announcement of 10 disks, v2", 10, () => decode(version2)),
    row("decode an announcement of 10 disks, v1", 50, () => decode(version1)),
    row("read its headers alone, v2", null, () => readHeaders(version2)),
  ];
}

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

function decode(datagrams: readonly Uint8Array[]): number {
  let disks = 0;
  for (const bytes of datagrams) {
    const read = readDisks(readDatagram(bytes));
    if (read.format === "rejected") throw new Error(read.reason);
    disks += read.disks.length;
  }
  if (disks !== DISKS) throw new Error(`Found ${disks} disks, expected 10`);
  return disks;
}

function readHeaders(datagrams: readonly Uint8Array[]): number {
  let seq = 0;
  for (const bytes of datagrams) {
    const datagram = readDatagram(bytes);
    if (datagram.format !== 2) throw new Error("Found no version 2 datagram");
    seq += datagram.header.seq;
  }
  return seq;
}

function row(name: string, goal: number | null, run: () => number): BenchRow {
  return { name, value: medianMicroseconds(run), unit: "us", goal };
}

function medianMicroseconds(run: () => number): number {
  for (let i = 0; i < WARM_UP_RUNS; i++) run();
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const startMs = performance.now();
    for (let j = 0; j < RUNS_PER_SAMPLE; j++) run();
    samples.push((performance.now() - startMs) * 1000 / RUNS_PER_SAMPLE);
  }
  samples.sort((a, b) => a - b);
  return samples[(SAMPLES - 1) / 2]!;
}

if (import.meta.main) {
  for (const { name, value, unit, goal } of benchCodec()) {
    const wanted = goal === null ? "" : `  (goal <= ${goal} ${unit})`;
    console.log(
      `${name.padEnd(42)}${value.toFixed(2).padStart(8)} ${unit}${wanted}`,
    );
  }
}
