import type { Host } from "./host.ts";
import { newHost } from "./known_host.ts";
import type { KnownHosts } from "./known_hosts.ts";
import type { Memory, RememberedHost, RememberedSighting } from "./memory.ts";
import type { Sightings } from "./sightings.ts";

export interface Restoring {
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
