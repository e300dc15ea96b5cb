import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";
import type { Sighting } from "./sightings.ts";

/** A disk at one place. */
export interface Place {
  readonly disk: Disk;
  readonly host: Host;
  readonly state: "attached" | "stale" | "detached";
  /** When it was last known to be there, monotonic ms. */
  readonly seenAt: number;
}

/** Where a disk is that its host last said to have. */
export function placeOf(disk: Disk, host: Host): Place {
  return { disk, host, state: STATE[host.liveness], seenAt: host.heardAt };
}

/** Where a disk was that is attached nowhere. */
export function placeSeen({ disk, host, until }: Sighting): Place {
  return { disk, host, state: "detached", seenAt: until };
}

const STATE = { up: "attached", stale: "stale", gone: "detached" } as const;
