import { jsonBytes } from "../text/json_bytes.ts";
import { type Disk, FIELD_NAMES } from "./disk.ts";

/** Limits of memory; `Room` says who gives it up for whom. */
export interface InventoryLimits {
  /** Hosts, including this one. */
  readonly hosts: number;
  /** Hosts with the same address, so that invented hosts cannot fill the list. */
  readonly hostsPerAddress: number;
  /** Disks of a host. */
  readonly disksPerHost: number;
  /** Bytes of the texts of a host's disks, as counted by `weighDisk`. */
  readonly bytesPerHost: number;
  /** Disks of all hosts. */
  readonly disks: number;
  /** Bytes of the texts of all disks. */
  readonly bytes: number;
  /** Of `disks`, those of hosts that prove nothing. */
  readonly disksOfUnproven: number;
  /** Of `bytes`, likewise. */
  readonly bytesOfUnproven: number;
  /** Addresses remembered of a host. */
  readonly addressesPerHost: number;
  /** Detached disks remembered. */
  readonly sightings: number;
  /** Bytes of their texts. */
  readonly sightingBytes: number;
}

export const DEFAULT_INVENTORY_LIMITS: InventoryLimits = {
  hosts: 10_000,
  hostsPerAddress: 16,
  disksPerHost: 4_096,
  bytesPerHost: 3_145_728,
  disks: 100_000,
  bytes: 67_108_864,
  disksOfUnproven: 50_000,
  bytesOfUnproven: 16_777_216,
  addressesPerHost: 8,
  sightings: 10_000,
  sightingBytes: 8_388_608,
};

/** Those that people choose; what depends on them goes with them. */
type ChosenLimits = Pick<InventoryLimits, "hosts" | "disks">;

/** All limits, for so many hosts and disks. */
export function limitsFor({ hosts, disks }: ChosenLimits): InventoryLimits {
  const share = disks / DEFAULT_INVENTORY_LIMITS.disks;
  const scaled = (limit: number) => Math.ceil(limit * share);
  const { bytes, disksOfUnproven, bytesOfUnproven } = DEFAULT_INVENTORY_LIMITS;
  return {
    ...DEFAULT_INVENTORY_LIMITS,
    hosts,
    disks,
    bytes: scaled(bytes),
    disksOfUnproven: scaled(disksOfUnproven),
    bytesOfUnproven: scaled(bytesOfUnproven),
  };
}

/** Counts of entries dropped at a limit, since the start. */
export interface Forgotten {
  hosts: number;
  /** Attached disks, of dropped hosts or cut lists, and detached ones. */
  disks: number;
  /** How often a host was heard from an address without room for it. */
  addresses: number;
}

/** Approximate overhead of a text in V8. */
const BYTES_PER_TEXT = 16;

/** An amount of disks, or a limit of it. */
export interface Weight {
  readonly disks: number;
  readonly bytes: number;
}

export const NO_WEIGHT: Weight = { disks: 0, bytes: 0 };

const NO_LIMIT: Weight = { disks: Infinity, bytes: Infinity };

/** The disks at the front of a list that fit into a limit, and their weight. */
export interface Front {
  readonly disks: readonly Disk[];
  readonly weight: Weight;
  /** The limit that cut the list; `null` if it is whole. */
  readonly cutBy: keyof Weight | null;
}

/** Cuts a list at a limit. */
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

/** Weight of a whole list. */
export function weigh(disks: readonly Disk[]): Weight {
  return frontOf(disks, NO_LIMIT).weight;
}

/** Approximate memory of a disk's texts, and length of their JSON, in bytes. */
export function weighDisk(disk: Disk): number {
  let bytes = 0;
  for (const name of FIELD_NAMES) {
    const value = disk[name];
    if (typeof value === "string") bytes += weighText(value);
    else if (typeof value === "object" && value !== null) {
      for (const text of value) bytes += weighText(text);
    }
  }
  return bytes;
}

function weighText(text: string): number {
  return BYTES_PER_TEXT + jsonBytes(text);
}

export function addWeights(a: Weight, b: Weight): Weight {
  return { disks: a.disks + b.disks, bytes: a.bytes + b.bytes };
}

export function subtractWeights(a: Weight, b: Weight): Weight {
  return { disks: a.disks - b.disks, bytes: a.bytes - b.bytes };
}

/** Whether `weight` is within `limit` in both fields. */
export function isWithinLimits(weight: Weight, limit: Weight): boolean {
  return weight.disks <= limit.disks && weight.bytes <= limit.bytes;
}
