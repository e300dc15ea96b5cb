import type { Disk } from "./disk.ts";
import { type Place, topmost } from "./place.ts";

/** What should be on one device only, the most important first. */
const DUPLICATE_KINDS = [
  "uuid",
  "uuid_sub",
  "partuuid",
  "wwn",
  "serial",
  "label",
] as const;

type DuplicateKind = typeof DUPLICATE_KINDS[number];

/** An identifier that several devices have at once. */
interface Duplicate {
  readonly kind: DuplicateKind;
  readonly value: string;
  /** By the names of their hosts, then by device. */
  readonly places: readonly Place[];
}

/** Where an identifier is looked for, and when it counts. */
interface Rule {
  readonly idOf: (disk: Disk) => string | null;
  readonly counts: (places: readonly Place[]) => boolean;
}

const RULES: Readonly<Record<DuplicateKind, Rule>> = {
  // Where there is a UUID_SUB, that is what tells one device.
  uuid: {
    idOf: (disk) =>
      disk.uuid_sub === null && !isNamelessMember(disk) ? disk.uuid : null,
    counts: (places) => !mayBeMembers(places),
  },
  uuid_sub: { idOf: ({ uuid_sub }) => uuid_sub, counts: () => true },
  partuuid: { idOf: ({ partuuid }) => partuuid, counts: () => true },
  // On one host these are the partitions of one drive, or the paths to it.
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
 * The identifiers that two devices or more have at once: after cloning, with
 * storage that hosts share, or because two people chose one label. Only what is
 * attached to hosts that are up counts: what a silent host had may have moved.
 * Members of one btrfs or RAID share its UUID and label, and are no duplicates.
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

/** Those that share a key, by it. Most share none, so they are not collected one by one. */
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

/** Of a host of 0.01 only label and UUID are known, not whether two disks are members of one btrfs. */
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
 * Whether these are members of one btrfs, RAID or ZFS pool: they share its
 * UUID, and each has a UUID_SUB of its own. Members of older RAID formats have
 * none, and are taken for different ones.
 */
export function areMembersOfOne(disks: readonly Member[]): boolean {
  const [first] = disks;
  if (first === undefined || first.uuid === null) return false;
  if (disks.some(({ uuid }) => uuid !== first.uuid)) return false;
  if (disks.every(isNamelessMember)) return true;
  const subs = new Set(disks.map(({ uuid_sub }) => uuid_sub));
  return !subs.has(null) && subs.size === disks.length;
}

/** Whether it is a member that has no UUID_SUB, and so no name of its own: Linux RAID 0.90, and those of mainboards. */
export function isNamelessMember({ uuid_sub, type }: Member): boolean {
  return uuid_sub === null && type !== null && type.endsWith("_raid_member");
}
