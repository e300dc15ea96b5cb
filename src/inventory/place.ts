import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";
import type { KnownHost } from "./known_host.ts";
import type { Sighting } from "./sightings.ts";

/** A disk at one place. Times are monotonic ms. */
export interface Place {
  /** When it is detached, with the mount points that it had last. */
  readonly disk: Disk;
  readonly host: Host;
  readonly state: "attached" | "stale" | "detached";
  /** Since when it is, or was, known to be there. */
  readonly since: number;
  /** When it was last known to be there: of one that is detached, when it left. */
  readonly seenAt: number;
}

/** Where a disk is that its host last said to have: that one of `host.disks`. */
export function placeOn(host: KnownHost, index: number): Place {
  const disk = host.disks[index]!;
  const state = stateOn(host);
  return {
    disk: state === "detached" ? host.lastMounts.restoreTo(disk) : disk,
    host,
    state,
    since: host.since[index]!,
    seenAt: host.heardAt,
  };
}

/** Where a disk was that is attached nowhere. */
export function placeSeen({ disk, host, from, until }: Sighting): Place {
  return { disk, host, state: "detached", since: from, seenAt: until };
}

/** How it stands with the disks of a host. */
export function stateOn({ liveness, isRemembered }: Host): Place["state"] {
  return liveness === "up" && isRemembered ? "stale" : STATE[liveness];
}

const STATE = { up: "attached", stale: "stale", gone: "detached" } as const;
