import type { Disk } from "./disk.ts";
import { type Place, topmost } from "./place.ts";

/** Identifiers that only one device should have, the most important first. */
const DUPLICATE_KINDS = [
  "uuid",
  "uuid_sub",
  "partuuid",
  "wwn",
  "serial",
  "label",
] as const;

type DuplicateKind = typeof DUPLICATE_KINDS[number];

/** An identifier shared by several devices. */
interface Duplicate {
  readonly kind: DuplicateKind;
  readonly value: string;
  /** Sorted by host name, then by device. */
  readonly places: readonly Place[];
}

/** How to find an identifier, and when it counts. */
interface Rule {
  readonly idOf: (disk: Disk) => string | null;
  readonly counts: (places: readonly Place[]) => boolean;
}

const RULES: Readonly<Record<DuplicateKind, Rule>> = {
  // If there is a UUID_SUB, it identifies the device instead.
  uuid: {
    idOf: (disk) =>
      disk.uuid_sub === null && !isNamelessMember(disk) ? disk.uuid : null,
    counts: (places) => !mayBeMembers(places),
  },
  uuid_sub: { idOf: ({ uuid_sub }) => uuid_sub, counts: () => true },
  partuuid: { idOf: ({ partuuid }) => partuuid, counts: () => true },
  // Within a host, these are the partitions of a drive, or the paths to it.
  wwn: { idOf: ({ wwn }) => wwn, counts: isOnSeveralHosts },
  serial: {
    idOf: ({ wwn, serial }) => wwn === null ? serial : null,
    counts: isOnSeveralHosts,
  },
  label: {
    idOf: ({ label }) => label || null,
    counts: (places) => !areMembersOfOne(places.map(({ disk }) => disk)),
  },
};

/**
 * The identifiers shared by two or more devices: after cloning, on storage
 * shared by hosts, or because two people chose the same label. Only attached
 * disks of running hosts count: a silent host's disks may have moved. Members
 * of a btrfs or RAID share its UUID and label, and are no duplicates.
 */
export function findDuplicates(places: Iterable<Place>): Duplicate[] {
  const attached = [...places].filter(({ state }) => state === "attached");
  return DUPLICATE_KINDS.flatMap((kind) => findOfKind(kind, attached));
}

function findOfKind(
  kind: DuplicateKind,
  attached: readonly Place[],
): Duplicate[] {
  const { idOf, counts } = RULES[kind];
  return [...groupRepeated(attached, ({ disk }) => idOf(disk))]
    .map(([value, all]) => ({ kind, value, places: seenOnce(all) }))
    .filter(({ places }) => places.length > 1 && counts(places))
    .sort((a, b) => compare(a.value, b.value));
}

/**
 * Groups items with a common key. Most keys are unique, so groups are created
 * only for repeated ones.
 */
function groupRepeated<T>(
  all: readonly T[],
  keyOf: (one: T) => string | null,
): Map<string, T[]> {
  const seen = new Set<string>();
  const repeated = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key === null) continue;
    if (seen.has(key)) repeated.set(key, []);
    else seen.add(key);
  }
  if (repeated.size === 0) return repeated;
  for (const one of all) {
    const key = keyOf(one);
    if (key !== null) repeated.get(key)?.push(one);
  }
  return repeated;
}

function seenOnce(places: readonly Place[]): Place[] {
  return topmost(places, ({ host, disk }) => ({ hostId: host.id, disk })).sort(
    (a, b) =>
      compare(a.host.name, b.host.name) ||
      compare(a.disk.device, b.disk.device),
  );
}

/** A host of 0.01 reports only label and UUID, so its disks may be members of the same btrfs. */
function mayBeMembers(places: readonly Place[]): boolean {
  return !isOnSeveralHosts(places) &&
    places.every(({ disk }) => disk.type === null);
}

function isOnSeveralHosts(places: readonly Place[]): boolean {
  return places.some(({ host }) => host !== places[0]!.host);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Member = Pick<Disk, "uuid" | "uuid_sub" | "type">;

/**
 * Whether these are members of the same btrfs, RAID or ZFS pool: they share its
 * UUID, and each has its own UUID_SUB. Members of older RAID formats have none,
 * and count as different.
 */
export function areMembersOfOne(disks: readonly Member[]): boolean {
  const [first] = disks;
  if (first === undefined || first.uuid === null) return false;
  if (disks.some(({ uuid }) => uuid !== first.uuid)) return false;
  if (disks.every(isNamelessMember)) return true;
  const subs = new Set(disks.map(({ uuid_sub }) => uuid_sub));
  return !subs.has(null) && subs.size === disks.length;
}

/** Whether it is a member without UUID_SUB: Linux RAID 0.90, and mainboard RAID. */
export function isNamelessMember({ uuid_sub, type }: Member): boolean {
  return uuid_sub === null && type !== null && type.endsWith("_raid_member");
}
