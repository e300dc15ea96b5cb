import { INVALID_PARAMS, RpcError } from "../control/jsonrpc.ts";
import type {
  ForgetParams,
  ForgetView,
  ForgottenDisk,
  HostRow,
} from "../control/views.ts";
import { nameAt } from "../inventory/disk.ts";
import { nameWithoutId } from "../inventory/host_names.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Place } from "../inventory/place.ts";
import {
  betterOf,
  type HostIdentifiers,
  NOTHING_FOUND,
  resolveHosts,
} from "../inventory/resolve.ts";
import type { Clock } from "./clocks.ts";
import { pastDisks } from "./history_answers.ts";
import type { HistoryKeeper } from "./history_keeper.ts";
import type { HistoryStore } from "./history_records.ts";
import type { ListRows } from "./list_rows.ts";

/** The parts of the history used to forget. */
export type ForgettablePast = Pick<
  HistoryStore,
  "disks" | "hosts" | "sightings" | "count" | "forgetDisk" | "forgetHost"
>;

/** That of a daemon; `null` if it keeps no history. */
export function forgettablePast(keeper: HistoryKeeper): ForgettablePast | null {
  if (!keeper.view.on) return null;
  return {
    disks: (name) => keeper.use((store) => store.disks(name)),
    hosts: (name) => keeper.use((store) => store.hosts(name)),
    sightings: (query) => keeper.use((store) => store.sightings(query)),
    count: (of) => keeper.use((store) => store.count(of)),
    forgetDisk: (name) => keeper.use((store) => store.forgetDisk(name)),
    forgetHost: (id) => keeper.use((store) => store.forgetHost(id)),
  };
}

interface ForgetParts {
  readonly inventory: Inventory;
  readonly rows: Pick<ListRows, "host">;
  readonly clock: Pick<Clock, "timeOfDay">;
  /** `null` without a history. */
  readonly past: ForgettablePast | null;
}

/** Disks matched by a name, by `nameAt`. */
type Meant = ReadonlyMap<string, ForgottenDisk>;

/** Largest number of disks named in a sentence. */
const MAX_SHOWN = 3;

/**
 * Forgets a detached disk, or a host, in memory and history. A host that is up
 * is known again when it speaks.
 * @throws {RpcError} INVALID_PARAMS, with a sentence, if the disk is attached,
 * the host is this one, or the name is ambiguous.
 */
export function forgetByName(
  { name, dryRun = false }: ForgetParams,
  parts: ForgetParts,
): ForgetView {
  const hosts = findHosts(name, parts);
  const disks = findDisks(name, parts);
  if (hosts.length > 0 && disks.size > 0) {
    throw refusal(
      `${name} is a host and a disk; use the host's id, ` +
        `${hosts[0]!.id}, or the disk's UUID`,
    );
  }
  const [host] = hosts;
  if (host !== undefined) {
    refuseHosts(hosts, parts.inventory);
    const row = hostRow(host, parts);
    return {
      hosts: [row],
      disks: [],
      sightings: dryRun
        ? parts.past?.count({ hostId: host.id }) ?? 0
        : dropHost(host, parts),
    };
  }
  refuseDisks(name, disks, parts.inventory);
  return {
    hosts: [],
    disks: [...disks.values()],
    sightings: dryRun
      ? [...disks.keys()].reduce(
        (sum, disk) => sum + (parts.past?.count({ disk }) ?? 0),
        0,
      )
      : dropDisks(disks, parts),
  };
}

/** The hosts with this name, in memory or known only to the history. */
function findHosts(
  name: string,
  { inventory, past }: ForgetParts,
): readonly HostIdentifiers[] {
  const holder = inventory.nameHolder(nameWithoutId(name));
  const known: HostIdentifiers[] = [
    ...inventory.hosts(),
    ...past?.hosts(name) ?? [],
    ...holder === undefined ? [] : [holder],
  ];
  // The first of each id: what is in memory is newer.
  const byId = new Map(known.toReversed().map((host) => [host.id, host]));
  return resolveHosts(name, byId.values());
}

function hostRow(
  { id, name }: HostIdentifiers,
  { inventory, rows, past }: ForgetParts,
): HostRow {
  const host = inventory.host(id);
  if (host !== undefined) return rows.host(host);
  const [last] = past?.sightings({ hostId: id, limit: 1 }) ?? [];
  const { state = "stale", heardAt = 0 } = last?.host ?? {};
  return {
    host: name,
    hostId: id,
    uniqueHost: inventory.uniqueName({ id, name }, past?.hosts(name)),
    addresses: [],
    version: null,
    disks: 0,
    cut: 0,
    state: state === "gone" ? "gone" : "stale",
    heardAt: new Date(heardAt).toISOString(),
    key: null,
    proven: false,
    fingerprint: null,
    nameHolder: null,
  };
}

/** The disks with this name, in memory or known only to the history. */
function findDisks(name: string, parts: ForgetParts): Meant {
  const { inventory, past } = parts;
  const { found, ...how } = inventory.where(name);
  const known = found.map((place): DiskByName => [
    nameAt(place.disk, place.host.id),
    lastSeen(place, parts),
  ]);
  const { found: disks } = betterOf<DiskByName>(
    { found: known, ...how },
    () => {
      const { found, ...how } = past === null
        ? NOTHING_FOUND
        : pastDisks(name, {
          disks: (one) => past.disks(one),
          remarks: inventory.remarks,
        });
      const disks = found.map(({ name, uuid, label }): DiskByName => [
        name,
        { uuid, label, ...NOWHERE },
      ]);
      return { found: disks, ...how };
    },
  );
  const meant = new Map<string, ForgottenDisk>();
  for (const [key, disk] of disks) if (!meant.has(key)) meant.set(key, disk);
  return meant;
}

type DiskByName = readonly [name: string, disk: ForgottenDisk];

const NOWHERE = {
  host: null,
  hostId: null,
  uniqueHost: null,
  device: null,
  seenAt: null,
};

function lastSeen(
  { disk, host, seenAt }: Place,
  { clock, inventory }: ForgetParts,
): ForgottenDisk {
  return {
    uuid: disk.uuid,
    label: disk.label,
    host: host.name,
    hostId: host.id,
    uniqueHost: inventory.uniqueName(host),
    device: disk.device,
    seenAt: clock.timeOfDay(seenAt),
  };
}

function refuseHosts(
  hosts: readonly HostIdentifiers[],
  inventory: Inventory,
): void {
  const [{ name, id }] = hosts as [HostIdentifiers];
  if (hosts.length > 1) {
    const names = hosts.map((host) => inventory.uniqueName(host, hosts));
    throw refusal(
      `several hosts are named ${name}; choose one: ${shorten(names)}`,
    );
  }
  if (id === inventory.self.id) {
    throw refusal(`${name} is this host, which cannot be forgotten`);
  }
}

function refuseDisks(name: string, disks: Meant, inventory: Inventory): void {
  const uuids = new Set([...disks].map(([key, { uuid }]) => uuid ?? key));
  for (const { disk, host, state } of inventory.present()) {
    if (!disks.has(nameAt(disk, host.id))) continue;
    const shown = disk.label ?? disk.uuid ?? disk.device;
    const on = inventory.uniqueName(host);
    throw refusal(
      state === "attached"
        ? `${shown} is attached to ${on}; a disk can be forgotten once it is unplugged`
        : `${shown} was last on ${on}, which is silent; forget that host, or wait until it is heard`,
    );
  }
  if (uuids.size > 1) {
    throw refusal(
      `${name} matches ${uuids.size} disks; use a UUID: ${shorten([...uuids])}`,
    );
  }
}

/** The history first: if it cannot be written, nothing changes. */
function dropHost(
  { id }: HostIdentifiers,
  { inventory, past }: ForgetParts,
): number {
  const sightings = past?.forgetHost(id) ?? 0;
  inventory.forgetHost(id);
  return sightings;
}

function dropDisks(disks: Meant, { inventory, past }: ForgetParts): number {
  let sightings = 0;
  for (const name of disks.keys()) {
    sightings += past?.forgetDisk(name) ?? 0;
    inventory.forgetDisk(name);
  }
  return sightings;
}

function shorten(texts: readonly string[]): string {
  const more = texts.length - MAX_SHOWN;
  const shown = texts.slice(0, MAX_SHOWN).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function refusal(message: string): RpcError {
  return new RpcError(INVALID_PARAMS, message);
}
