import { type Disk, TEXT_FIELDS } from "./disk.ts";

/** What V8 adds to each text, about. */
const BYTES_PER_TEXT = 16;

/** How much of something there is, or may be. */
export interface Weight {
  readonly disks: number;
  readonly bytes: number;
}

export const NO_WEIGHT: Weight = { disks: 0, bytes: 0 };

const NO_LIMIT: Weight = { disks: Infinity, bytes: Infinity };

/** The disks at the front of a list that stay within a limit, and what they weigh. */
export interface Front {
  readonly disks: readonly Disk[];
  readonly weight: Weight;
  /** Which limit cut the list, `null` when it is whole. */
  readonly cutBy: keyof Weight | null;
}

/** Cuts a list where it goes beyond a limit. */
export function frontOf(disks: readonly Disk[], limit: Weight): Front {
  let bytes = 0;
  for (const [i, disk] of disks.entries()) {
    const heavier = bytes + weighDisk(disk);
    if (i >= limit.disks || heavier > limit.bytes) {
      return {
        disks: disks.slice(0, i),
        weight: { disks: i, bytes },
        cutBy: i >= limit.disks ? "disks" : "bytes",
      };
    }
    bytes = heavier;
  }
  return { disks, weight: { disks: disks.length, bytes }, cutBy: null };
}

/** Of a list, whole. */
export function weigh(disks: readonly Disk[]): Weight {
  return frontOf(disks, NO_LIMIT).weight;
}

/** About what the texts of a disk take in memory, in bytes. */
export function weighDisk(disk: Disk): number {
  let bytes = weighText(disk.device) + weighTexts(disk.mounts) +
    weighTexts(disk.mounts_ro) + weighTexts(disk.holders);
  for (const field of TEXT_FIELDS) bytes += weighText(disk[field]);
  return bytes;
}

function weighTexts(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += weighText(text);
  return bytes;
}

function weighText(text: string | null): number {
  return text === null ? 0 : BYTES_PER_TEXT + text.length;
}

export function add(a: Weight, b: Weight): Weight {
  return { disks: a.disks + b.disks, bytes: a.bytes + b.bytes };
}

export function subtract(a: Weight, b: Weight): Weight {
  return { disks: a.disks - b.disks, bytes: a.bytes - b.bytes };
}

/** Whether `weight` is within `limit` in both. */
export function isWithin(weight: Weight, limit: Weight): boolean {
  return weight.disks <= limit.disks && weight.bytes <= limit.bytes;
}
