import { type Disk, diskName, FIELD_NAMES, type FieldName } from "./disk.ts";
import { compareDrives } from "./evidence.ts";
import type { Host } from "./host.ts";

/** A notable change of a disk or a host. `at` is monotonic, in ms. */
export type Change =
  | {
    readonly event:
      | "attached"
      | "detached"
      /** Its reads fail now. */
      | "failing"
      /** They no longer do. */
      | "recovered";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
  }
  | {
    readonly event: "changed";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
    readonly before: Disk;
  }
  | {
    readonly event: "renamed";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
    /** Its path before. */
    readonly fromDevice: string;
  }
  | {
    readonly event: "moved";
    readonly at: number;
    readonly host: Host;
    /** Its previous host. */
    readonly from: Host;
    readonly disk: Disk;
  }
  | {
    readonly event: "mounted" | "unmounted";
    readonly at: number;
    readonly host: Host;
    readonly disk: Disk;
    /** Element of `Disk.mounts`. */
    readonly mount: string;
  }
  | {
    /** Under a name that is known of another host. */
    readonly event: "newcomer";
    readonly at: number;
    readonly host: Host;
    readonly holder: Pick<Host, "id" | "name">;
    readonly disk: null;
  }
  | {
    readonly event: "host-up" | "host-stale" | "host-gone";
    readonly at: number;
    readonly host: Host;
    readonly disk: null;
  };

/** A disk with a new or removed mount point. */
interface MountOf {
  readonly disk: Disk;
  readonly mount: string;
}

/** A disk on another device than before. */
export interface Renamed {
  readonly disk: Disk;
  readonly fromDevice: string;
}

/** Differences between two successive disk lists of a host. */
export interface DiskDifference {
  readonly attached: readonly Disk[];
  readonly detached: readonly Disk[];
  readonly renamed: readonly Renamed[];
  /** Disks with a change that has no list of its own here. */
  readonly changed: readonly Disk[];
  readonly failing: readonly Disk[];
  readonly recovered: readonly Disk[];
  readonly mounted: readonly MountOf[];
  readonly unmounted: readonly MountOf[];
  /** Disks with changes that are no event, and those of hidden devices. */
  readonly quiet: readonly Disk[];
}

type Lists = {
  readonly [Key in keyof DiskDifference]: DiskDifference[Key][number][];
};

/** A device before and after; `null`: it was, or is, not there. */
interface Pair {
  readonly old: Disk | null;
  readonly now: Disk | null;
}

/**
 * Compares two lists by device. Another disk on the same device counts as a
 * detached and an attached disk, a disk with other changed fields as changed.
 * Mount points of an attached or detached disk are not reported separately. A
 * disk that left one device and came on another is renamed.
 *
 * Hidden devices make no events. One that becomes hidden, or is shown from now
 * on, is changed; if the same disk is shown on another device instead, that is
 * renamed.
 */
export function compareDisks(
  before: readonly Disk[],
  after: readonly Disk[],
): DiskDifference {
  const lists: Lists = {
    attached: [],
    detached: [],
    renamed: [],
    changed: [],
    failing: [],
    recovered: [],
    mounted: [],
    unmounted: [],
    quiet: [],
  };
  const pairs = pairsOf(before, after, lists);
  const names = takeRenamed(pairs, lists);
  for (const pair of pairs) {
    if (!names.has(pair)) sort(pair, lists);
  }
  return lists;
}

function pairsOf(
  before: readonly Disk[],
  after: readonly Disk[],
  { quiet }: Lists,
): Pair[] {
  const old = new Map(before.map((disk) => [disk.device, disk]));
  const pairs: Pair[] = [];
  for (const now of after) {
    const known = old.get(now.device) ?? null;
    old.delete(now.device);
    if (known === null || sameIdentity(known, now)) {
      pairs.push({ old: known, now });
    } else if (isNewName(known, now)) {
      quiet.push(known);
      pairs.push({ old: null, now });
    } else {
      pairs.push({ old: known, now: null }, { old: null, now });
    }
  }
  return [
    ...pairs,
    ...[...old.values()].map((gone) => ({ old: gone, now: null })),
  ];
}

/** Finds the renamed disks. Returns the pairs that they explain. */
function takeRenamed(pairs: readonly Pair[], lists: Lists): Set<Pair> {
  const explained = new Set<Pair>();
  const came = pairs.filter((pair) => isShown(pair.now) && !isShown(pair.old));
  if (came.length === 0) return explained;
  const byName = new Map<string, Pair>();
  for (const pair of pairs) {
    if (!isShown(pair.old) || isShown(pair.now)) continue;
    const name = diskName(pair.old!);
    if (name !== null) byName.set(name, pair);
  }
  if (byName.size === 0) return explained;
  for (const pair of came) {
    const name = diskName(pair.now!);
    const left = name === null ? undefined : byName.get(name);
    if (left === undefined) continue;
    if (compareDrives(left.old!, pair.now!) === "different") continue;
    byName.delete(name!);
    explained.add(pair).add(left);
    lists.renamed.push({ disk: pair.now!, fromDevice: left.old!.device });
    tellMounts(left.old!, pair.now!, lists);
  }
  return explained;
}

function isShown(disk: Disk | null): boolean {
  return disk !== null && disk.hidden === null;
}

function sort({ old, now }: Pair, lists: Lists): void {
  if (old === null || now === null) {
    const disk = (old ?? now)!;
    if (disk.hidden !== null) lists.quiet.push(disk);
    else (now === null ? lists.detached : lists.attached).push(disk);
    return;
  }
  if (old.hidden !== null && now.hidden !== null) {
    if (FIELD_NAMES.some((name) => isOther(name, old, now))) {
      lists.quiet.push(now);
    }
    return;
  }
  if (changedFields(old, now).length > 0) {
    lists.changed.push(now);
  } else if (QUIET.some((name) => isOther(name, old, now))) {
    lists.quiet.push(now);
  }
  if (old.health !== now.health) {
    (now.health === null ? lists.recovered : lists.failing).push(now);
  }
  tellMounts(old, now, lists);
}

function tellMounts(old: Disk, now: Disk, lists: Lists): void {
  lists.mounted.push(...newMounts(now, old));
  for (const { mount } of newMounts(old, now)) {
    lists.unmounted.push({ disk: now, mount });
  }
}

/** Changes of these alone are no event; `inUse` follows from mounts and holders. */
const QUIET: readonly FieldName[] = ["binds", "inUse"];

/** Fields whose changes have events of their own, or none. */
const NOT_NOTABLE: ReadonlySet<FieldName> = new Set([
  ...QUIET,
  "device",
  "mounts",
  "mounts_ro",
  "health",
]);

/** The fields for which a disk counts as changed. */
export function changedFields(before: Disk, now: Disk): FieldName[] {
  return FIELD_NAMES.filter((name) =>
    name === "mounts_ro"
      ? isRemounted(before, now)
      : isNotable(name) && isOther(name, before, now)
  );
}

function isNotable(name: FieldName): boolean {
  return !NOT_NOTABLE.has(name);
}

function isOther(name: FieldName, a: Disk, b: Disk): boolean {
  const [before, after] = [a[name], b[name]];
  if (typeof before !== "object" || typeof after !== "object") {
    return before !== after;
  }
  return before === null || after === null
    ? before !== after
    : !sameTexts(before, after);
}

/** Fields of a place that a remembered list may not know any more. */
const FROM_NOW = [
  "mounts",
  "mounts_ro",
  "binds",
  "inUse",
  "holders",
  "parents",
  "kname",
  "types",
  "port",
  "slot",
] as const satisfies readonly FieldName[];

/**
 * A remembered list with the mounts, holders and other circumstances that its
 * disks have now: the remembered ones may be old, so their change is no event.
 */
export function usedAs(
  now: readonly Disk[],
  remembered: readonly Disk[],
): Disk[] {
  const current = new Map(now.map((disk) => [disk.device, disk]));
  return remembered.map((disk) => {
    const present = current.get(disk.device);
    if (present === undefined) return disk;
    const told = FROM_NOW.map((name) => [name, present[name]]);
    return { ...disk, ...Object.fromEntries(told) };
  });
}

/**
 * A disk that cannot be read keeps the names that its host knew before, even
 * if that was before a restart.
 */
export function withKnownNames(
  now: readonly Disk[],
  known: readonly Disk[],
): readonly Disk[] {
  const isNameless = ({ health, uuid, label, type }: Disk) =>
    health !== null && uuid === null && label === null && type === null;
  if (!now.some(isNameless)) return now;
  const before = new Map(known.map((disk) => [disk.device, disk]));
  return now.map((disk) => {
    const old = before.get(disk.device);
    if (!isNameless(disk) || old === undefined) return disk;
    if (old.size !== disk.size || old.serial !== disk.serial) return disk;
    const { uuid, label, type, uuid_sub, partuuid, partlabel } = old;
    return { ...disk, uuid, label, type, uuid_sub, partuuid, partlabel };
  });
}

/** The mount points of `disk` missing from `before`. */
function newMounts(disk: Disk, before: Disk): MountOf[] {
  if (disk.mounts.length === 0) return NO_MOUNTS;
  const known = new Set(before.mounts);
  return disk.mounts
    .filter((mount) => !known.has(mount))
    .map((mount) => ({ disk, mount }));
}

const NO_MOUNTS: MountOf[] = [];

/** Whether the compared lists are equal. */
export function isUnchanged(difference: DiskDifference): boolean {
  return Object.values(difference).every(({ length }) => length === 0);
}

/** Whether a device still holds the same disk. */
function sameIdentity(a: Disk, b: Disk): boolean {
  if (!isNamed(a) && !isNamed(b)) {
    return compareDrives(a, b) !== "different" && diskName(a) === diskName(b);
  }
  return a.uuid === b.uuid && a.uuid_sub === b.uuid_sub &&
    (a.uuid !== null || a.label === b.label);
}

/** Whether a blank drive or partition was given a name: nothing left. */
function isNewName(a: Disk, b: Disk): boolean {
  return !isNamed(a) && isNamed(b) && a.size === b.size &&
    compareDrives(a, b) !== "different";
}

function isNamed({ uuid, label }: Disk): boolean {
  return uuid !== null || label !== null;
}

/** Whether a common mount point is read-only in one of them only. */
function isRemounted(a: Disk, b: Disk): boolean {
  if (sameTexts(a.mounts_ro, b.mounts_ro)) return false;
  const [before, now] = [new Set(a.mounts_ro), new Set(b.mounts_ro)];
  const mounts = new Set(b.mounts);
  return a.mounts.some((mount) =>
    mounts.has(mount) && before.has(mount) !== now.has(mount)
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
