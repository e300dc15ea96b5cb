/**
 * What a name means: the one rule for disks, and the one for hosts. Memory, the
 * history and every command ask here, so that all of them find the same.
 *
 * The ways to name a disk are a table. A way of a lower rank counts only if no
 * disk fits a way of a better one.
 */
import type { Disk } from "./disk.ts";

/** How well a name fits, the best first. */
export const RANK = {
  /** One of the disk's names, or the id of a host. */
  exact: 0,
  /** A name of a host. */
  hostName: 1,
  /** A label of a disk or a name of a host, ignoring case. */
  anyCase: 2,
  /** The beginning of a UUID. */
  uuidPrefix: 3,
  none: 4,
} as const;

type Rank = typeof RANK[keyof typeof RANK];

/** The fields of a disk with text or `null`. */
type TextField = {
  [K in keyof Disk]: Disk[K] extends string | null ? K : never;
}[keyof Disk];

/**
 * A way to name a disk: the field, and how a name is compared with it.
 *
 * - `equal`: character by character.
 * - `folded`: ignoring case, as for text that people write.
 * - `hex`: ignoring the case of A to Z, for hexadecimal digits.
 * - `hexPrefix`: likewise, its first characters. Every disk that fits is meant.
 */
export interface NameWay {
  readonly field: TextField;
  readonly how: "equal" | "folded" | "hex" | "hexPrefix";
  readonly rank: Rank;
}

/** All ways to name a disk, by rank. */
export const NAME_WAYS = [
  { field: "label", how: "equal", rank: RANK.exact },
  { field: "partlabel", how: "equal", rank: RANK.exact },
  { field: "device", how: "equal", rank: RANK.exact },
  { field: "serial", how: "equal", rank: RANK.exact },
  { field: "uuid", how: "hex", rank: RANK.exact },
  { field: "partuuid", how: "hex", rank: RANK.exact },
  { field: "uuid_sub", how: "hex", rank: RANK.exact },
  { field: "wwn", how: "hex", rank: RANK.exact },
  { field: "label", how: "folded", rank: RANK.anyCase },
  { field: "uuid", how: "hexPrefix", rank: RANK.uuidPrefix },
] as const satisfies readonly NameWay[];

/**
 * The fields that name a disk. `device` is where it is, or was last; `null`
 * where that is not asked.
 */
export type DiskIdentifiers = {
  readonly [Field in typeof NAME_WAYS[number]["field"]]: string | null;
};

/** In characters. A shorter prefix fits too many UUIDs by chance. */
const MIN_PREFIX_LENGTH = 4;

/** What a name means among those that were offered. */
export interface Resolved<T> {
  /** All that fit best, in the order offered; empty for an unknown name. */
  readonly found: readonly T[];
  readonly rank: Rank;
}

export const NOTHING_FOUND: Resolved<never> = { found: [], rank: RANK.none };

/**
 * What fits better; the first if both fit alike. The second is looked for only
 * if it may be better.
 */
export function betterOf<T>(
  first: Resolved<T>,
  second: () => Resolved<T>,
): Resolved<T> {
  if (first.rank === RANK.exact) return first;
  const other = second();
  return other.rank < first.rank ? other : first;
}

/** The disks that a name means. `diskOf` says which disk an item is. */
export function resolveDisks<T>(
  name: string,
  items: Iterable<T>,
  diskOf: (item: T) => DiskIdentifiers,
): Resolved<T> {
  const ways = NAME_WAYS.map(({ field, how, rank }) => ({
    field,
    rank,
    fits: COMPARE[how](name),
  }));
  return best(items, (item) => {
    const disk = diskOf(item);
    for (const { field, rank, fits } of ways) {
      const value = disk[field];
      if (value !== null && fits(value)) return rank;
    }
    return RANK.none;
  });
}

/** For a name, whether a value of a field fits it. */
const COMPARE: Readonly<
  Record<NameWay["how"], (name: string) => (value: string) => boolean>
> = {
  equal: (name) => (value) => value === name,
  folded: (name) => {
    const lower = name.toLowerCase();
    return (value) => value.toLowerCase() === lower;
  },
  hex: (name) => {
    const lower = lowerHex(name);
    return (value) =>
      value.length === name.length && beginsAlike(value, name) &&
      lowerHex(value) === lower;
  },
  hexPrefix: (name) => {
    if (name.length < MIN_PREFIX_LENGTH) return () => false;
    const lower = lowerHex(name);
    return (value) =>
      beginsAlike(value, name) && lowerHex(value).startsWith(lower);
  },
};

/**
 * Without the case of A to Z. `toLowerCase` would also take letters beyond
 * ASCII for one another, and the history's database does not.
 */
function lowerHex(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A quick test that most values fail: the first characters, ignoring case. */
function beginsAlike(a: string, b: string): boolean {
  return (a.charCodeAt(0) | CASE_BIT) === (b.charCodeAt(0) | CASE_BIT);
}

/** What tells A from a in ASCII. */
const CASE_BIT = 0x20;

/** The fields that name a host. */
export interface HostIdentifiers {
  readonly id: string;
  readonly name: string;
}

/**
 * The hosts that a name means: by id, else by name, else by name ignoring case.
 * Any host can choose its name, so a name never hides an id.
 */
export function resolveHosts<T extends HostIdentifiers>(
  name: string,
  hosts: Iterable<T>,
): readonly T[] {
  const lower = name.toLowerCase();
  return best(hosts, (host) => {
    if (host.id === name) return RANK.exact;
    if (host.name === name) return RANK.hostName;
    return host.name.toLowerCase() === lower ? RANK.anyCase : RANK.none;
  }).found;
}

function best<T>(
  items: Iterable<T>,
  rankOf: (item: T) => Rank,
): Resolved<T> {
  let rank: Rank = RANK.none;
  let found: T[] = [];
  for (const item of items) {
    const own = rankOf(item);
    if (own === RANK.none || own > rank) continue;
    if (own < rank) found = [];
    rank = own;
    found.push(item);
  }
  return { found, rank };
}
