import type { Disk } from "./disk.ts";
import type { Host } from "./host.ts";
import type { KnownHost } from "./known_hosts.ts";
import type { Sighting } from "./sightings.ts";

/** A disk at a place. Times are monotonic ms. */
export interface Place {
  /** If detached, with its last mount points. */
  readonly disk: Disk;
  readonly host: Host;
  readonly state: "attached" | "stale" | "detached";
  /** Since when it is, or was, known to be there. */
  readonly since: number;
  /** When it was last known to be there; for a detached disk, when it left. */
  readonly seenAt: number;
}

/** The place of `host.disks[index]`. */
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

/** The last place of a disk attached to no host. */
export function placeSeen({ disk, host, from, until }: Sighting): Place {
  return { disk, host, state: "detached", since: from, seenAt: until };
}

/** State of the disks of a host. */
export function stateOn({ liveness, isRemembered }: Host): Place["state"] {
  return liveness === "up" && isRemembered ? "stale" : STATE[liveness];
}

const STATE = { up: "attached", stale: "stale", gone: "detached" } as const;

/** A device, and the devices on top of it. */
interface Layer {
  readonly hostId: string;
  readonly disk: Pick<Disk, "device" | "holders">;
}

/**
 * Leaves out devices below another one of the list on the same host: multipath,
 * DRBD or a LUKS container with the same label repeat the contents below them,
 * and the disk counts once.
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
 * The mounted disks of a host, including active swap. A member of RAID, LVM or
 * LUKS counts as mounted if a device on top of it is, through any number of
 * layers.
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
  // Iterating over a set visits elements added meanwhile, each once; so even
  // circular layers end.
  for (const { device } of mounted) {
    for (const member of membersOf.get(device) ?? []) mounted.add(member);
  }
  return mounted;
}
