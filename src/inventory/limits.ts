import { type Disk, TEXT_FIELDS } from "./disk.ts";

/** What is held at once. At a limit whoever has been silent the longest makes room; else what came last is not taken in. */
export interface InventoryLimits {
  /** Hosts, this one among them. */
  readonly hosts: number;
  /** Hosts that have one address, so that whoever makes up hosts does not fill the list. */
  readonly hostsPerAddress: number;
  /** Disks of one host. */
  readonly disksPerHost: number;
  /** Bytes of the texts of one host's disks, as `weighDisk` counts them. */
  readonly bytesPerHost: number;
  /** Disks of all hosts. */
  readonly disks: number;
  /** Bytes of the texts of all disks. */
  readonly bytes: number;
  /** Addresses remembered of one host. */
  readonly addressesPerHost: number;
  /** Detached disks remembered. */
  readonly sightings: number;
}

export const DEFAULT_INVENTORY_LIMITS: InventoryLimits = {
  hosts: 10_000,
  hostsPerAddress: 16,
  disksPerHost: 4_096,
  bytesPerHost: 2_097_152,
  disks: 100_000,
  bytes: 67_108_864,
  addressesPerHost: 8,
  sightings: 10_000,
};

/** What was let go of for want of room, since the start. */
export interface Forgotten {
  hosts: number;
  /** Attached ones, of hosts that were forgotten or of lists that were cut, and detached ones. */
  disks: number;
  /** Each time that one was heard for which there was no room. */
  addresses: number;
}

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

export function addWeights(a: Weight, b: Weight): Weight {
  return { disks: a.disks + b.disks, bytes: a.bytes + b.bytes };
}

export function subtractWeights(a: Weight, b: Weight): Weight {
  return { disks: a.disks - b.disks, bytes: a.bytes - b.bytes };
}

/** Whether `weight` is within `limit` in both. */
export function isWithinLimits(weight: Weight, limit: Weight): boolean {
  return weight.disks <= limit.disks && weight.bytes <= limit.bytes;
}
