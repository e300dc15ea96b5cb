import type { Disk } from "./disk.ts";
import type { KnownHost } from "./known_hosts.ts";
import { type Place, placeOn, placeSeen } from "./place.ts";
import type { Sighting } from "./sightings.ts";

interface Known {
  readonly hosts: Iterable<KnownHost>;
  /** Of disks that no host has. */
  readonly sightings: Iterable<Sighting>;
}

/**
 * Where the disks of this name are; when they are nowhere now, where they were
 * seen last, newest first. A name is meant as it is in the first way in which
 * it fits any disk: exactly, as a label in another case, as the beginning of a
 * UUID. The beginning of several UUIDs stands for each of these disks.
 */
export function findPlaces(name: string, known: Known): Place[] {
  const { places, match } = findAll(wantedName(name), known);
  if (match !== MATCH.uuidPrefix) return nowOrBefore(places);
  const byUuid = Map.groupBy(places, ({ disk }) => disk.uuid);
  return [...byUuid.values()].flatMap(nowOrBefore);
}

/** The places of all disks that the name fits best. */
function findAll(
  wanted: Wanted,
  { hosts, sightings }: Known,
): { places: Place[]; match: number } {
  let match: number = MATCH.none;
  let places: Place[] = [];
  const fits = (disk: Place["disk"]) => {
    const how = howMatches(disk, wanted);
    if (how === MATCH.none || how > match) return false;
    if (how < match) places = [];
    match = how;
    return true;
  };
  for (const host of hosts) {
    host.disks.forEach((disk, index) => {
      if (fits(disk)) places.push(placeOn(host, index));
    });
  }
  for (const sighting of sightings) {
    if (fits(sighting.disk)) places.push(placeSeen(sighting));
  }
  return { places, match };
}

function nowOrBefore(places: readonly Place[]): Place[] {
  const now = places.filter(({ state }) => state !== "detached");
  return now.length > 0 ? now : places.toSorted((a, b) => b.seenAt - a.seenAt);
}

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
const MIN_PREFIX_LENGTH = 4;

/** A name that is looked for. */
interface Wanted {
  readonly name: string;
  readonly lowerCase: string;
}

/** What of a disk names it. */
type Named = Pick<
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
