import type { Disk } from "./disk.ts";
import type { KnownHost } from "./known_hosts.ts";
import { type Place, placeOn, placeSeen } from "./place.ts";
import type { Sighting } from "./sightings.ts";

interface Known {
  readonly hosts: Iterable<KnownHost>;
  /** Of disks attached to no host. */
  readonly sightings: Iterable<Sighting>;
}

/**
 * Places of the disks with this name; if there are none now, their last places,
 * newest first. The first way that matches any disk counts: exactly, as a label
 * ignoring case, as a UUID prefix. A prefix of several UUIDs means each of
 * these disks.
 */
export function findPlaces(name: string, known: Known): Place[] {
  const { places, match } = findAll(wantedName(name), known);
  if (match !== MATCH.uuidPrefix) return nowOrBefore(places);
  const byUuid = Map.groupBy(places, ({ disk }) => disk.uuid);
  return [...byUuid.values()].flatMap(nowOrBefore);
}

/** The places of all disks with the best match. */
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

/** Ways in which a name matches a disk, the best first. */
export const MATCH = {
  /**
   * Its label, partition label, serial or device exactly; or its UUID,
   * partition UUID, member UUID or WWN in any case, because those are
   * hexadecimal.
   */
  exact: 0,
  /** Its label, ignoring case. */
  labelInAnyCase: 1,
  /** A prefix of its UUID of at least `MIN_PREFIX_LENGTH` characters. */
  uuidPrefix: 2,
  none: 3,
} as const;

/** Fewer characters match too many UUIDs by chance. */
const MIN_PREFIX_LENGTH = 4;

/** A name to find. */
interface Wanted {
  readonly name: string;
  readonly lowerCase: string;
}

/** The fields that name a disk. */
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

/** Returns a value of `MATCH`. */
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
