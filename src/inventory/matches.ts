import type { Disk } from "./disk.ts";

/** How a name may fit a disk, the best first. */
export const MATCH = {
  /** Its label, partition label, serial or device as written, or its UUID, partition UUID, member UUID or WWN in either case, since those are hexadecimal. */
  exact: 0,
  /** Its label, but for upper and lower case. */
  labelInAnyCase: 1,
  /** The beginning of its UUID, at least `MIN_PREFIX_LENGTH` characters of it. */
  uuidPrefix: 2,
  none: 3,
} as const;

/** Fewer characters fit too many UUIDs by chance. */
export const MIN_PREFIX_LENGTH = 4;

/** A name that is looked for. */
export interface Wanted {
  readonly name: string;
  readonly lowerCase: string;
}

/** What of a disk names it. */
export type Named = Pick<
  Disk,
  | "label"
  | "partlabel"
  | "device"
  | "serial"
  | "uuid"
  | "partuuid"
  | "uuid_sub"
  | "wwn"
>;

export function wantedName(name: string): Wanted {
  return { name, lowerCase: name.toLowerCase() };
}

/** One of `MATCH`. */
export function howMatches(disk: Named, wanted: Wanted): number {
  if (matchesExactly(disk, wanted)) return MATCH.exact;
  const { lowerCase } = wanted;
  if (disk.label !== null && disk.label.toLowerCase() === lowerCase) {
    return MATCH.labelInAnyCase;
  }
  const isPrefix = lowerCase.length >= MIN_PREFIX_LENGTH &&
    disk.uuid !== null && disk.uuid.toLowerCase().startsWith(lowerCase);
  return isPrefix ? MATCH.uuidPrefix : MATCH.none;
}

function matchesExactly(disk: Named, wanted: Wanted): boolean {
  const { name } = wanted;
  return disk.label === name || disk.partlabel === name ||
    disk.device === name || disk.serial === name ||
    sameHex(disk.uuid, wanted) || sameHex(disk.partuuid, wanted) ||
    sameHex(disk.uuid_sub, wanted) || sameHex(disk.wwn, wanted);
}

function sameHex(value: string | null, { lowerCase }: Wanted): boolean {
  return value !== null && value.length === lowerCase.length &&
    value.toLowerCase() === lowerCase;
}
