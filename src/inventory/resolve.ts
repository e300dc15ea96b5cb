/**
 * What a name means: the one rule for disks, and the one for hosts. Memory, the
 * history and every command ask here, so that all of them find the same.
 *
 * The ways to name a disk are a table. A way of a lower rank counts only if no
 * disk fits a way of a better one.
 */
import type { Disk } from "./disk.ts";
import { idInName } from "./host_names.ts";
import {
  FORMS,
  matcherOf,
  type NameField,
  type NameReading,
  partitionNumber,
  type Pattern,
  readingsOf,
} from "./name_forms.ts";

/** How well a name fits, the best first. */
export const RANK = {
  /** One of the disk's names, or the id of a host. */
  exact: 0,
  /** The name of a host with the beginning of its id. */
  idStart: 1,
  /** A name of a host. */
  hostName: 2,
  /** The name that somebody gave the disk: it hides no name of another one, and no address. */
  alias: 3,
  /** A name of a disk or of a host, ignoring case or a folder. */
  anyCase: 4,
  /** A label that the disk had before. */
  former: 5,
  /** A pattern: all disks that fit are meant. */
  pattern: 6,
  /** A part of a name. If it is one of several names, none is meant. */
  part: 7,
  none: 8,
} as const;

type Rank = typeof RANK[keyof typeof RANK];

/** A way to name a disk: the field, and the form in which its value is written. */
interface NameWay<Field = NameField> {
  readonly field: Field;
  readonly how: keyof typeof FORMS;
  readonly rank: Rank;
  /** Only disks of this type. Default: any. */
  readonly type?: string;
}

/** All ways to name a disk, by rank. */
export const NAME_WAYS = [
  { field: "label", how: "equal", rank: RANK.exact },
  { field: "partlabel", how: "equal", rank: RANK.exact },
  { field: "device", how: "path", rank: RANK.exact },
  { field: "kname", how: "kernel", rank: RANK.exact },
  { field: "serial", how: "equal", rank: RANK.exact },
  { field: "serial", how: "inById", rank: RANK.exact },
  { field: "uuid", how: "uuid", rank: RANK.exact },
  { field: "partuuid", how: "caseless", rank: RANK.exact },
  { field: "uuid_sub", how: "caseless", rank: RANK.exact },
  { field: "wwn", how: "wwn", rank: RANK.exact },
  { field: "port", how: "port", rank: RANK.exact },
  { field: "slot", how: "caseless", rank: RANK.exact },
  { field: "vg", how: "equal", rank: RANK.exact, type: "LVM2_member" },
  { field: "alias", how: "equal", rank: RANK.alias },
  { field: "label", how: "folded", rank: RANK.anyCase },
  { field: "alias", how: "folded", rank: RANK.anyCase },
  { field: "device", how: "shortPath", rank: RANK.anyCase },
  {
    field: "label",
    how: "array",
    rank: RANK.anyCase,
    type: "linux_raid_member",
  },
  { field: "partlabel", how: "caseless", rank: RANK.anyCase },
  { field: "serial", how: "caseless", rank: RANK.anyCase },
  { field: "model", how: "caseless", rank: RANK.anyCase },
  { field: "vg", how: "equal", rank: RANK.anyCase },
  { field: "formerLabel", how: "equal", rank: RANK.former },
  { field: "label", how: "glob", rank: RANK.pattern },
  { field: "alias", how: "glob", rank: RANK.pattern },
  { field: "partlabel", how: "glob", rank: RANK.pattern },
  { field: "uuid", how: "glob", rank: RANK.pattern },
  { field: "serial", how: "glob", rank: RANK.pattern },
  { field: "model", how: "glob", rank: RANK.pattern },
  { field: "device", how: "globPath", rank: RANK.pattern },
  { field: "kname", how: "glob", rank: RANK.pattern },
  { field: "uuid", how: "start", rank: RANK.part },
  { field: "serial", how: "start", rank: RANK.part },
  { field: "serial", how: "end", rank: RANK.part },
  { field: "model", how: "word", rank: RANK.part },
  { field: "label", how: "cut", rank: RANK.part },
  { field: "alias", how: "cut", rank: RANK.part },
  { field: "uuid", how: "cut", rank: RANK.part },
  { field: "partlabel", how: "cut", rank: RANK.part },
  { field: "serial", how: "cut", rank: RANK.part },
  { field: "model", how: "cut", rank: RANK.part },
  { field: "device", how: "cutPath", rank: RANK.part },
] as const satisfies readonly NameWay[];

type NamingField = typeof NAME_WAYS[number]["field"];

/**
 * What tells which disk a name means. `device` is where it is, or was last.
 * Missing fields are not asked.
 */
export type DiskIdentifiers =
  & { readonly [Field in NamingField]?: string | null }
  & Partial<Pick<Disk, "type" | "hidden">>;

/** What a name means among those that were offered. */
export interface Resolved<T> {
  /** All that fit best, in the order offered; empty for an unknown name. */
  readonly found: readonly T[];
  readonly rank: Rank;
  /** Whether it stands for several names: a pattern, or a part of them. */
  readonly isSeveral: boolean;
  /** Number of others that fit as well, for which there is no room. Default: 0. */
  readonly more?: number;
}

export const NOTHING_FOUND: Resolved<never> = {
  found: [],
  rank: RANK.none,
  isSeveral: false,
};

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

/** A way to name a disk, for a reading of a name. */
export interface NameTest extends Pick<NameReading, "part" | "host"> {
  readonly field: NamingField;
  readonly rank: Rank;
  readonly type?: string;
  readonly pattern: Pattern;
}

/** All that a name is compared with, the best rank first. */
export function nameTests(name: string): NameTest[] {
  const readings = readingsOf(name);
  return (NAME_WAYS as readonly NameWay<NamingField>[]).flatMap((
    { how, ...way },
  ) =>
    readings.flatMap(({ text, fields, ...reading }): NameTest[] => {
      if (fields !== undefined && !fields.includes(way.field)) return [];
      const pattern = FORMS[how](text);
      return pattern === null ? [] : [{ ...way, ...reading, pattern }];
    })
  );
}

interface ResolveOptions<T> {
  readonly diskOf: (item: T) => DiskIdentifiers;
  /** Its host, for `HOST:DEVICE`. Default: not known. */
  readonly hostOf?: (item: T) => HostIdentifiers;
}

/** The disks that a name means. */
export function resolveDisks<T>(
  name: string,
  items: Iterable<T>,
  { diskOf, hostOf }: ResolveOptions<T>,
): Resolved<T> {
  const tests = nameTests(name)
    .map((test) => ({ test, fits: matcherOf(test.pattern) }));
  let rank: Rank = RANK.none;
  let found: Fit<T>[] = [];
  for (const item of items) {
    const disk = diskOf(item);
    for (const { test, fits } of tests) {
      // Later ones fit no better.
      if (test.rank > rank) break;
      const { field } = test;
      const value = disk[field];
      if (value === null || value === undefined || !fits(value)) continue;
      const own = rankOf(test, { disk, host: hostOf?.(item) });
      if (own === RANK.none || own > rank) continue;
      if (own < rank) found = [];
      rank = own;
      found.push({ item, disk, field, value });
      break;
    }
  }
  const meant = withoutHidden(found);
  const names = new Set(meant.map(({ value }) => value.toLowerCase()));
  const isSeveral = rank === RANK.pattern ||
    (rank === RANK.part && names.size > 1);
  return { found: meant.map(({ item }) => item), rank, isSeveral };
}

/** An item, and which of its values fits. */
interface Fit<T> {
  readonly item: T;
  readonly disk: DiskIdentifiers;
  readonly field: NamingField;
  readonly value: string;
}

function rankOf(
  { rank, type, part, host }: NameTest,
  found: {
    readonly disk: DiskIdentifiers;
    readonly host: HostIdentifiers | undefined;
  },
): Rank {
  if (type !== undefined && found.disk.type !== type) return RANK.none;
  if (part !== undefined && partitionNumber(found.disk) !== part) {
    return RANK.none;
  }
  if (host === undefined) return rank;
  return found.host === undefined ? RANK.none : hostRank(host, found.host);
}

/** A hidden device is meant by its own path, or where no shown device fits as well. */
function withoutHidden<T>(found: readonly Fit<T>[]): readonly Fit<T>[] {
  const isShown = ({ disk }: Fit<T>) => (disk.hidden ?? null) === null;
  if (!found.some(isShown)) return found;
  return found.filter((fit) =>
    isShown(fit) || fit.field === "device" || fit.field === "kname"
  );
}

/** The fields that name a host. */
export interface HostIdentifiers {
  readonly id: string;
  readonly name: string;
}

/**
 * The hosts that a name means: by id, or name with the beginning of the id, else
 * by name, else by name ignoring case. Any host can choose its name, so a name
 * never hides an id.
 */
export function resolveHosts<T extends HostIdentifiers>(
  name: string,
  hosts: Iterable<T>,
): readonly T[] {
  let rank: Rank = RANK.none;
  let found: T[] = [];
  for (const host of hosts) {
    const own = hostRank(name, host);
    if (own === RANK.none || own > rank) continue;
    if (own < rank) found = [];
    rank = own;
    found.push(host);
  }
  return found;
}

function hostRank(name: string, host: HostIdentifiers): Rank {
  const withId = idInName(host, name);
  if (host.id === name || withId === "whole") return RANK.exact;
  if (withId === "start") return RANK.idStart;
  if (host.name === name) return RANK.hostName;
  return host.name.toLowerCase() === name.toLowerCase()
    ? RANK.anyCase
    : RANK.none;
}
