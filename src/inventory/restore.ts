import type { Disk } from "./disk.ts";
import type { HostInfo, Liveness } from "./host.ts";
import type { KnownHosts } from "./known_hosts.ts";
import type { Sightings } from "./sightings.ts";

/**
 * State of an earlier run. Times are monotonic ms of this run, mostly below 0.
 * Only the fields from blkid and lsblk are believed; mounts and holders may be
 * of any age.
 */
export interface Memory {
  /** May include this host, recognized by its id. */
  readonly hosts: readonly RememberedHost[];
  /** The last sighting of each disk that none of these hosts has. */
  readonly past: readonly RememberedSighting[];
}

/** A host as last heard. */
export interface RememberedHost extends HostInfo {
  readonly addresses: readonly string[];
  readonly heardAt: number;
  readonly liveness: Liveness;
  readonly disks: readonly RememberedDisk[];
}

/** A disk its host had when last heard. */
interface RememberedDisk {
  readonly disk: Disk;
  /** Since when it was there. */
  readonly since: number;
  /** Its last mount points, if it has none now. Default: none. */
  readonly lastMounts?: readonly string[];
}

/** The last place of a disk attached to no host. */
export interface RememberedSighting {
  /** With its last mount points. */
  readonly disk: Disk;
  readonly host: Pick<HostInfo, "id" | "name">;
  readonly from: number;
  readonly until: number;
  readonly hasLeft: boolean;
}

interface Restoring {
  readonly hosts: KnownHosts;
  readonly sightings: Sightings;
}

/** Loads the state of the last stop within the limits; the oldest entries are dropped first. */
export function restore({ hosts, past }: Memory, into: Restoring): void {
  for (const host of hosts.toSorted((a, b) => a.heardAt - b.heardAt)) {
    restoreHost(host, into);
  }
  learn(past, into);
}

/** Adds last places of disks, unless later ones are known. */
export function learn(
  past: readonly RememberedSighting[],
  { hosts, sightings }: Restoring,
): void {
  for (const sighting of past.toSorted((a, b) => a.until - b.until)) {
    const { disk, from, until, hasLeft } = sighting;
    const host = hosts.get(sighting.host.id) ??
      hosts.stranger(sighting.host, until);
    const hostName = sighting.host.name;
    sightings.learn({ disk, host, hostName, from, until, hasLeft });
  }
}

function restoreHost(
  remembered: RememberedHost,
  { hosts }: Restoring,
): void {
  const { heardAt, liveness } = remembered;
  const { self } = hosts;
  const isSelf = remembered.id === self.id;
  if (!isSelf && !wasHeard(remembered)) return;
  const since = remembered.disks.map(({ since }) => since);
  // Not spread: there may be thousands.
  const knownSince = since.reduce((a, b) => Math.min(a, b), heardAt);
  const host = isSelf
    ? self
    : hosts.remember(remembered, { ...remembered, knownSince });
  if (host === null) return;
  const disks = remembered.disks.map(({ disk }) => disk);
  const front = hosts.room.fit(host, disks, heardAt);
  hosts.room.setDisks(host, front, since.slice(0, front.disks.length));
  for (const { disk, lastMounts = [] } of remembered.disks) {
    if (disk.mounts.length === 0) host.lastMounts.keep(disk.device, lastMounts);
  }
  host.heardAt = heardAt;
  host.isRemembered = true;
  if (isSelf) return;
  hosts.silenced(host, liveness === "gone" ? "gone" : "stale");
}

/** A host that only an import knows is none of this LAN. */
function wasHeard({ version, addresses }: RememberedHost): boolean {
  return version !== null || addresses.length > 0;
}
