import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";
import type { KnownHost } from "./known_hosts.ts";
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

/** A device, and what lies on it. */
interface Layer {
  readonly hostId: string;
  readonly disk: Pick<Disk, "device" | "holders">;
}

/**
 * Leaves out each device that another of these lies on, on the same host:
 * below multipath, DRBD or a LUKS container of the same label one finds what
 * is found above it, and it is there once.
 */
export function topmost<T>(
  all: readonly T[],
  layerOf: (one: T) => Layer,
): T[] {
  const nameOf = (hostId: string, device: string) => `${hostId} ${device}`;
  const names = new Set(
    all.map(layerOf).map(({ hostId, disk }) => nameOf(hostId, disk.device)),
  );
  return all.filter((one) => {
    const { hostId, disk } = layerOf(one);
    return !disk.holders.some((holder) => names.has(nameOf(hostId, holder)));
  });
}

/**
 * Those of one host's disks that are mounted, with swap in use among them. A
 * member of RAID, LVM or LUKS counts as mounted where a disk that lies on it
 * does, through however many layers.
 */
export function mountedDisks(disks: readonly Disk[]): ReadonlySet<Disk> {
  const membersOf = new Map<string, Disk[]>();
  for (const disk of disks) {
    for (const holder of disk.holders) {
      const members = membersOf.get(holder);
      if (members === undefined) membersOf.set(holder, [disk]);
      else members.push(disk);
    }
  }
  const mounted = new Set(disks.filter(({ mounts }) => mounts.length > 0));
  // A set goes on to what is put in while it is walked through, each once: so layers that bite their tail end too.
  for (const { device } of mounted) {
    for (const member of membersOf.get(device) ?? []) mounted.add(member);
  }
  return mounted;
}
