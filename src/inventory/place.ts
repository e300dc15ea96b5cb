import { type Disk, nameAt } from "./disk.ts";
import { compareDrives } from "./evidence.ts";
import type { Host } from "./host.ts";
import type { KnownHost } from "./known_host.ts";
import type { Sighting } from "./sightings.ts";

/** A disk at a place. Times are monotonic ms. */
export interface Place {
  /** If detached, with its last mount points. */
  readonly disk: Disk;
  readonly host: Host;
  readonly state: "attached" | "stale" | "detached";
  /** Whether it left its host, which did not just fall silent or stop. */
  readonly unplugged: boolean;
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
    unplugged: false,
    since: host.since[index]!,
    seenAt: host.heardAt,
  };
}

/** The last place of a disk attached to no host. */
export function placeSeen(
  { disk, host, hostName, from, until, hasLeft }: Sighting,
): Place {
  return {
    disk,
    host: host.name === hostName ? host : { ...host, name: hostName },
    state: "detached",
    unplugged: hasLeft,
    since: from,
    seenAt: until,
  };
}

/** The disks of a host that lists show. */
export function shownDisks({ disks }: Pick<Host, "disks">): readonly Disk[] {
  return disks.filter(({ hidden }) => hidden === null);
}

/** State of the disks of a host. */
export function stateOn({ liveness, isRemembered }: Host): Place["state"] {
  return liveness === "up" && isRemembered ? "stale" : STATE[liveness];
}

const STATE = { up: "attached", stale: "stale", gone: "detached" } as const;

/**
 * Where disks are, those on hosts that are up first; if there is no such place,
 * where they were, the latest first. A silent host does not count once the disk
 * was seen elsewhere.
 */
export function presentOrPast(places: readonly Place[]): Place[] {
  const isAttached = places.some(({ state }) => state === "attached");
  const present = places.filter((place) =>
    place.state === "attached" ||
    place.state === "stale" &&
      (isAttached || !places.some((other) => isLater(other, place)))
  );
  const past = places.filter(({ state }) => state === "detached");
  return inStateOrder(present.length > 0 ? present : past);
}

/** Whether a disk came to one place after it was last seen at another. */
function isLater(place: Place, other: Place): boolean {
  return place.since > other.seenAt &&
    nameAt(place.disk, place.host.id) === nameAt(other.disk, other.host.id) &&
    compareDrives(place.disk, other.disk) !== "different";
}

/** The present ones first, then those of silent hosts, then the past ones, latest first. */
export function inStateOrder(places: readonly Place[]): Place[] {
  return places.toSorted((a, b) =>
    STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
    (a.state === "detached" ? b.seenAt - a.seenAt : 0)
  );
}

/** The best first. */
export const STATE_ORDER = { attached: 0, stale: 1, detached: 2 } as const;

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

/** Whether it has nothing that blkid or the kernel knows of, as far as its host tells. */
export function isBlank(
  { uuid, label, type, types, kind, hidden, health, inUse }: Disk,
): boolean {
  // A host of 0.01 tells no kind, and of no disk that is blank.
  return kind !== null && hidden === null && health === null && !inUse &&
    uuid === null && label === null && type === null && types.length === 0;
}

/** Whether its contents are a part of something larger, or inside of it. */
export function isContainer({ type }: Pick<Disk, "type">): boolean {
  return type !== null && CONTAINER.test(type);
}

const CONTAINER = /_member$|^crypto_LUKS$/;

/** Whether a disk is in use; hosts of 0.01 do not say. */
export function inUse({ inUse, mounts }: Pick<Disk, "inUse" | "mounts">) {
  return inUse ?? mounts.length > 0;
}
