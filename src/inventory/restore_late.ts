import { type Disk, nameAt } from "./disk.ts";
import { compareDrives } from "./evidence.ts";
import type { KnownHost } from "./known_host.ts";
import type { KnownHosts } from "./known_hosts.ts";
import { type Memory, type RememberedHost, restore } from "./restore.ts";
import type { Sightings } from "./sightings.ts";

/**
 * Loads the state of the last stop after hosts were heard. What is known of
 * this run stays: a host that was heard learns only since when it has its
 * disks, and what any host has now is not restored elsewhere. So it makes no
 * changes.
 */
export function restoreLate(
  { hosts, past }: Memory,
  into: { readonly hosts: KnownHosts; readonly sightings: Sightings },
): void {
  const known = new Map<string, Disk>();
  for (const { disk, host } of into.sightings.values()) {
    known.set(nameAt(disk, host.id), disk);
  }
  for (const { id, disks } of into.hosts.values()) {
    for (const disk of disks) known.set(nameAt(disk, id), disk);
  }
  const isElsewhere = (disk: Disk, hostId: string) => {
    const other = known.get(nameAt(disk, hostId));
    return other !== undefined && compareDrives(other, disk) !== "different";
  };
  for (const remembered of hosts) {
    const host = into.hosts.get(remembered.id);
    if (host !== undefined) continueDisks(host, remembered);
  }
  restore({
    hosts: hosts
      .filter(({ id }) => into.hosts.get(id) === undefined)
      .map((host) => ({
        ...host,
        disks: host.disks.filter(({ disk }) => !isElsewhere(disk, host.id)),
      })),
    past: past.filter(({ disk, host }) => !isElsewhere(disk, host.id)),
  }, into);
}

function continueDisks(host: KnownHost, { id, disks }: RememberedHost): void {
  const before = new Map(
    disks.map(({ disk, since }) => [disk.device, {
      name: nameAt(disk, id),
      since,
    }]),
  );
  host.since = host.disks.map((disk, index) => {
    const old = before.get(disk.device);
    return old?.name === nameAt(disk, id) ? old.since : host.since[index]!;
  });
}
