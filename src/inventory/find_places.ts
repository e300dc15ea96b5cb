import type { KnownHost } from "./known_host.ts";
import { howMatches, MATCH, type Wanted, wantedName } from "./matches.ts";
import { type Place, placeOn, placeSeen } from "./place.ts";
import type { Sighting } from "./sightings.ts";

export interface Known {
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
