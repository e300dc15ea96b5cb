import type { Disk } from "./disk.ts";
import type { Host, HostInfo, Liveness } from "./host.ts";
import { type KnownHosts, newHost } from "./known_hosts.ts";
import type { Sightings } from "./sightings.ts";

/**
 * What was known before the daemon started. Times are on the monotonic clock
 * of now, in ms, and mostly below 0. Of a disk nothing is taken for true but
 * what blkid and lsblk say of it: what it was mounted on and what lay on it
 * may be as old as it likes.
 */
export interface Memory {
  /** This host may be among them, by its id. */
  readonly hosts: readonly RememberedHost[];
  /** The last sighting of each disk that none of these hosts has. */
  readonly past: readonly RememberedSighting[];
}

/** A host, as it was heard last. */
export interface RememberedHost extends HostInfo {
  readonly addresses: readonly string[];
  readonly heardAt: number;
  readonly liveness: Liveness;
  readonly disks: readonly RememberedDisk[];
}

/** A disk that its host had when it was heard last. */
interface RememberedDisk {
  readonly disk: Disk;
  /** When it came there. */
  readonly since: number;
}

/** Where a disk was that was attached nowhere. */
interface RememberedSighting {
  /** With the mount points that it had last. */
  readonly disk: Disk;
  readonly host: Pick<HostInfo, "id" | "name">;
  readonly from: number;
  readonly until: number;
}

interface Restoring {
  readonly hosts: KnownHosts;
  readonly sightings: Sightings;
}

/** Takes in what was known when the daemon stopped, as far as there is room: what is oldest goes first. */
export function restore({ hosts, past }: Memory, into: Restoring): void {
  for (const host of hosts.toSorted((a, b) => a.heardAt - b.heardAt)) {
    restoreHost(host, into);
  }
  for (const sighting of past.toSorted((a, b) => a.until - b.until)) {
    const { disk, from, until } = sighting;
    const host = into.hosts.get(sighting.host.id) ?? onlyNamed(sighting);
    into.sightings.add({ disk, host, from, until });
  }
}

function restoreHost(
  remembered: RememberedHost,
  { hosts }: Restoring,
): void {
  const { heardAt, liveness } = remembered;
  const { self } = hosts;
  const isSelf = remembered.id === self.id;
  const host = isSelf ? self : hosts.remember(remembered, remembered);
  if (host === null) return;
  const disks = remembered.disks.map(({ disk }) => disk);
  const front = hosts.fit(host, disks);
  const since = remembered.disks.map(({ since }) => since);
  hosts.setDisks(host, front, since.slice(0, front.disks.length));
  host.heardAt = heardAt;
  host.isRemembered = true;
  if (isSelf) return;
  host.liveness = liveness === "gone" ? "gone" : "stale";
  hosts.silent.add(host);
}

/** A host of which nothing is remembered but that a disk was there. */
function onlyNamed({ host, until }: RememberedSighting): Host {
  const { id, name } = host;
  const known = newHost({ id, name, version: null, everyMs: 0 }, until);
  known.liveness = "gone";
  return known;
}
