import type { AddressBook } from "./address_book.ts";
import { type Host, type HostInfo, STALE_AFTER_INTERVALS } from "./host.ts";
import type { InventoryLimits } from "./limits.ts";
import { LastMounts } from "./last_mounts.ts";
import { NO_WEIGHT, type Weight } from "./weight.ts";

/** A host as the inventory keeps it: what others may read, and what it takes to keep that true. */
export type KnownHost = { -readonly [K in keyof Host]: Host[K] } & {
  addresses: string[];
  /** When each of `addresses` was last heard, in the same order. */
  addressHeardAt: number[];
  readonly lastMounts: LastMounts;
  /** Of its disks. */
  weight: Weight;
  /** Disks of its list for which there was no room. */
  cut: number;
};

export function newHost(info: HostInfo, now: number): KnownHost {
  return {
    id: info.id,
    name: info.name,
    version: info.version,
    everyMs: info.everyMs,
    key: info.key ?? null,
    addresses: [],
    addressHeardAt: [],
    heardAt: now,
    liveness: "up",
    disks: [],
    since: [],
    isRemembered: false,
    lastMounts: new LastMounts(),
    weight: NO_WEIGHT,
    cut: 0,
  };
}

/** When a host is stale unless it speaks before. */
export function staleAt(host: Host): number {
  return host.heardAt + STALE_AFTER_INTERVALS * host.everyMs;
}

/**
 * Notes that a host was heard from an address. Keeps the order in which
 * addresses were first heard, so that a host on two LANs does not flicker, and
 * drops those that it was not heard from for as long as makes a host stale.
 * Returns whether there was room: beyond the limits a new one is not noted.
 */
export function noteAddress(
  host: KnownHost,
  address: string,
  { now, limits, book }: {
    now: number;
    limits: Pick<InventoryLimits, "addressesPerHost" | "hostsPerAddress">;
    book: AddressBook;
  },
): boolean {
  const { addresses, addressHeardAt } = host;
  const index = addresses.indexOf(address);
  if (index === 0 && addresses.length === 1) {
    addressHeardAt[0] = now;
    return true;
  }
  if (index >= 0) addressHeardAt[index] = now;
  dropSilentAddresses(host, { now, book });
  if (index >= 0) return true;
  if (addresses.length >= limits.addressesPerHost) return false;
  if (book.at(address).length >= limits.hostsPerAddress) return false;
  addresses.push(address);
  addressHeardAt.push(now);
  book.add(address, host);
  return true;
}

function dropSilentAddresses(
  host: KnownHost,
  { now, book }: { now: number; book: AddressBook },
): void {
  const { addresses, addressHeardAt } = host;
  const oldest = now - STALE_AFTER_INTERVALS * host.everyMs;
  for (let i = addresses.length - 1; i >= 0; i--) {
    if (addressHeardAt[i]! >= oldest) continue;
    book.remove(addresses[i]!, host);
    addresses.splice(i, 1);
    addressHeardAt.splice(i, 1);
  }
}
