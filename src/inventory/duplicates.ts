import type { Disk } from "./disk.ts";
import { compareDrives, realSerial, realWwn } from "./evidence.ts";
import { layersOf } from "./layers.ts";
import { type Place, topmost } from "./place.ts";

/** Identifiers that only one device should have, the most important first. */
export const DUPLICATE_KINDS = [
  "uuid",
  "uuid_sub",
  "partuuid",
  "wwn",
  "serial",
  "label",
] as const;

type DuplicateKind = typeof DUPLICATE_KINDS[number];

/**
 * Why devices share an identifier:
 *
 * - `clone`: copies on different drives, by their serial numbers or WWNs.
 * - `copy`: copies on one drive.
 * - `shared`: one drive that several hosts see.
 * - `clone-or-shared`: one of these; the drives say nothing of themselves.
 * - `image`: several volumes are alike on the same drives: copies of one image.
 * - `namesakes`: different disks that have the same label.
 */
export type DuplicateReason =
  | "clone"
  | "copy"
  | "shared"
  | "clone-or-shared"
  | "image"
  | "namesakes";

/** An identifier shared by several devices. */
interface Duplicate {
  readonly kind: DuplicateKind;
  /** For an `image`, that of its largest volume. */
  readonly value: string;
  readonly reason: DuplicateReason;
  /** Sorted by host name, then by device. */
  readonly places: readonly Place[];
}

/** How to find an identifier, and when it counts. */
interface Rule {
  readonly idOf: (place: Place) => string | null;
  readonly counts: (places: readonly Place[]) => boolean;
}

/**
 * The identifiers shared by two or more devices: after cloning, on storage
 * shared by hosts, or because two people chose the same label. Only attached
 * disks of running hosts count: a silent host's disks may have moved. Members
 * of a btrfs or RAID share its UUID and label, and are no duplicates. Devices
 * are told once, with the most important identifier they share.
 */
export function findDuplicates(places: Iterable<Place>): Duplicate[] {
  const attached = [...places].filter(({ state, disk }) =>
    state === "attached" && disk.hidden === null
  );
  const isOfEnclosure = enclosureSerials(attached);
  const rules = rulesFor(isOfEnclosure);
  // Of such a drive its serial number says nothing.
  const claimsOf = ({ disk: { serial, wwn } }: Place) => ({
    serial: isOfEnclosure(realSerial(serial)) ? null : serial,
    wwn,
  });
  const known = { attached, claimsOf };
  const told: Duplicate[] = [];
  const groupsOf = new Map<Place, Set<number>>();
  for (const kind of DUPLICATE_KINDS) {
    for (
      const duplicate of findOfKind(kind, rules[kind], known)
    ) {
      if (isTold(duplicate, groupsOf)) continue;
      for (const place of duplicate.places) {
        const known = groupsOf.get(place);
        if (known) known.add(told.length);
        else groupsOf.set(place, new Set([told.length]));
      }
      told.push(duplicate);
    }
  }
  return withImages(told);
}

function rulesFor(
  isOfEnclosure: (serial: string | null) => boolean,
): Readonly<Record<DuplicateKind, Rule>> {
  return {
    // If there is a UUID_SUB, it identifies the device instead.
    uuid: {
      idOf: ({ disk }) =>
        disk.uuid_sub === null && !isNamelessMember(disk) ? disk.uuid : null,
      counts: (places) => !mayBeMembers(places),
    },
    uuid_sub: { idOf: ({ disk }) => disk.uuid_sub, counts: () => true },
    partuuid: { idOf: ({ disk }) => disk.partuuid, counts: () => true },
    // Within a host, these are the partitions of a drive, or the paths to it.
    wwn: { idOf: ({ disk }) => realWwn(disk.wwn), counts: isOnSeveralHosts },
    serial: {
      idOf({ disk: { serial, wwn } }) {
        const real = realWwn(wwn) === null ? realSerial(serial) : null;
        return isOfEnclosure(real) ? null : real;
      },
      counts: isOnSeveralHosts,
    },
    label: {
      idOf: ({ disk }) => isOfSystem(disk) ? null : disk.label || null,
      counts: (places) => !areMembersOfOne(places.map(({ disk }) => disk)),
    },
  };
}

/** What the drive of a place says of itself. */
type ClaimsOf = (place: Place) => Pick<Disk, "serial" | "wwn">;

/** Serial numbers that a host has at several drives: an enclosure's own. */
function enclosureSerials(
  attached: readonly Place[],
): (serial: string | null) => boolean {
  const drives = new Map<string, string>();
  const shared = new Set<string>();
  for (const { host, disk } of attached) {
    const serial = realSerial(disk.serial);
    if (serial === null || realWwn(disk.wwn) !== null) continue;
    const key = `${host.id} ${serial}`;
    const drive = driveOf(disk);
    const known = drives.get(key);
    if (known === undefined) drives.set(key, drive);
    else if (known !== drive) shared.add(serial);
  }
  return (serial) => serial !== null && shared.has(serial);
}

/** The drive of a partition, as far as its path tells. */
function driveOf({ device, kind, parents }: Disk): string {
  return kind === "part" && parents.length === 1 ? parents[0]! : device;
}

/** The drives that a disk lies on, with their host, sorted. */
function drivesOf({ host, disk }: Place): string[] {
  return layersOf(host.disks).drives(disk)
    .map((one) => `${host.id} ${driveOf(one)}`).sort();
}

/** Every installation has them, so their labels say nothing. */
const OF_SYSTEM =
  /^(?:\/|\/boot(?:\/.*)?|\/efi|\/usr|\/var|\/home|\/tmp|\/recovery|\[SWAP\])$/;

function isOfSystem({ mounts }: Disk): boolean {
  return mounts.some((mount) => OF_SYSTEM.test(mount));
}

function findOfKind(
  kind: DuplicateKind,
  { idOf, counts }: Rule,
  { attached, claimsOf }: {
    readonly attached: readonly Place[];
    readonly claimsOf: ClaimsOf;
  },
): Duplicate[] {
  return [...groupRepeated(attached, idOf)]
    .map(([, all]) => seenOnce(all))
    .filter((places) => places.length > 1 && counts(places))
    .map((places) => ({
      kind,
      value: places[0]!.disk[kind]!,
      reason: reasonFor(kind, places, claimsOf),
      places,
    }))
    .sort((a, b) => compare(a.value, b.value));
}

function reasonFor(
  kind: DuplicateKind,
  places: readonly Place[],
  claimsOf: ClaimsOf,
): DuplicateReason {
  if (kind === "label") return "namesakes";
  if (kind === "wwn" || kind === "serial") return "shared";
  const drives = new Set(places.map((place) => drivesOf(place).join("\n")));
  return drives.size === 1 ? "copy" : reasonForCopies(places.map(claimsOf));
}

/** Whether copies are on different drives, or one drive is seen several times. */
export function reasonForCopies(
  disks: readonly Pick<Disk, "serial" | "wwn">[],
): "clone" | "shared" | "clone-or-shared" {
  const [first, ...others] = disks;
  const found = new Set(others.map((other) => compareDrives(first!, other)));
  if (found.has("different")) return "clone";
  return found.has("unknown") ? "clone-or-shared" : "shared";
}

/** Whether a duplicate of the same devices, or more, was told already. */
function isTold(
  { places }: Duplicate,
  groupsOf: ReadonlyMap<Place, ReadonlySet<number>>,
): boolean {
  const [first, ...others] = places.map((place) => groupsOf.get(place));
  if (first === undefined) return false;
  return [...first].some((group) => others.every((other) => other?.has(group)));
}

/** Joins the clones that are on the same drives. */
function withImages(all: readonly Duplicate[]): Duplicate[] {
  const copies = all.filter(({ kind, reason }) =>
    kind === "uuid" && (reason === "clone" || reason === "clone-or-shared")
  );
  const byDrives = Map.groupBy(
    copies,
    ({ places }) => JSON.stringify(places.flatMap(drivesOf).sort()),
  );
  const images = new Map<Duplicate, Duplicate | null>();
  for (const group of byDrives.values()) {
    if (group.length < 2) continue;
    const sizeOf = ({ places }: Duplicate) => places[0]!.disk.size ?? 0;
    const [largest] = group.toSorted((a, b) => sizeOf(b) - sizeOf(a));
    const places = sorted(group.flatMap(({ places }) => places));
    for (const one of group) images.set(one, null);
    images.set(group[0]!, { ...largest!, reason: "image", places });
  }
  return all.flatMap((one) => {
    const image = images.get(one);
    return image === undefined ? one : image ?? [];
  });
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
  return sorted(
    topmost(places, ({ host, disk }) => ({ hostId: host.id, disk })),
  );
}

function sorted(places: readonly Place[]): Place[] {
  return places.toSorted((a, b) =>
    compare(a.host.name, b.host.name) ||
    compare(a.host.id, b.host.id) ||
    compare(a.disk.device, b.disk.device)
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
