import type { Change } from "../inventory/change.ts";
import type { Host } from "../inventory/host.ts";
import { shownDisks } from "../inventory/place.ts";

/** A host with all its disks at once, for a single line in the log. */
interface WholeList {
  readonly host: Host;
  readonly disks: number;
  /** Whether the host came up with them. */
  readonly isUp: boolean;
}

/** By id of the host. */
export type WholeLists = ReadonlyMap<string, WholeList>;

/**
 * The hosts whose disks are all new in these changes, and that had none before:
 * at the start of diskd, and at the first contact with another host. A single
 * disk that comes to a host without any is no such list.
 */
export function wholeLists(
  changes: readonly Change[],
): WholeLists {
  const up = new Set<string>();
  const hadDisks = new Set<string>();
  const arrivals = new Map<string, { host: Host; disks: number }>();
  for (const { event, host } of changes) {
    if (event === "host-up") up.add(host.id);
    if (event === "detached") hadDisks.add(host.id);
    if (event !== "attached" && event !== "moved") continue;
    const disks = (arrivals.get(host.id)?.disks ?? 0) + 1;
    arrivals.set(host.id, { host, disks });
  }
  const lists = new Map<string, WholeList>();
  for (const [id, { host, disks }] of arrivals) {
    const isUp = up.has(id);
    if (hadDisks.has(id)) continue;
    if (disks < shownDisks(host).length || (disks === 1 && !isUp)) continue;
    lists.set(id, { host, disks, isUp });
  }
  return lists;
}
