import type { Disk } from "./disk.ts";

/**
 * `up`: heard within its interval. `stale`: silent for three of its intervals.
 * `gone`: said goodbye.
 */
export type Liveness = "up" | "stale" | "gone";

/** Begins the ids of hosts with the first wire format; their address follows. */
const V1_PREFIX = "v1-";

/** The id of a host with the first wire format, which does not name itself. */
export function v1HostId(address: string): string {
  return `${V1_PREFIX}${address}`;
}

/** Whether a host with this id speaks the first wire format. */
export function isV1HostId(id: string): boolean {
  return id.startsWith(V1_PREFIX);
}

/** The short form of a host's id, for people to compare: `1f0c-22ab-90c4-11de`. */
export function fingerprintOf(id: string): string {
  return id.slice(0, 16).match(/.{1,4}/g)?.join("-") ?? "";
}

/** Form of machine ids and our own ids: 128 bits in lower-case hexadecimal. */
export const HOST_ID = /^[0-9a-f]{32}$/;

/** Whether a text may be the id of a host, on the wire and in an import. */
export function isHostId(text: string): boolean {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text);
}

/** A host's description of itself. */
export interface HostInfo {
  /** That of its key; or of before keys, or of a host of 0.01. */
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** Announcement interval, in ms. */
  readonly everyMs: number;
  /** Id of the shared key that it used; `null` or missing without one. */
  readonly key?: string | null;
  /** The site of which it is a relay, empty if that has no name; `null` or missing: it is none. */
  readonly relayOf?: string | null;
  /** Whether it signs what it says. Default: unless it is of 0.01. */
  readonly isProven?: boolean;
}

/** A host in the inventory. Times are monotonic, in ms. */
export interface Host {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  readonly everyMs: number;
  /** Id of the shared key that its last announcement used; `null` without one. */
  readonly key: string | null;
  /** Whether it signed what it said; not a host of 0.01, or of before keys. */
  readonly isProven: boolean;
  /** The site of which it is a relay, empty if that has no name; `null`: it is none. */
  readonly relayOf: string | null;
  /**
   * Addresses to reach it by, best first; see `addresses.ts`. One on another
   * site has its name; see `farAddress`.
   */
  readonly addresses: readonly string[];
  /** The site from which it was heard last, also when others have its addresses now; `null`: this one, or unknown. */
  readonly farSite: string | null;
  readonly heardAt: number;
  readonly liveness: Liveness;
  readonly disks: readonly Disk[];
  /** Since when each of `disks` is known to be there, in the same order. */
  readonly since: readonly number[];
  /** Number of disks left out of its list at a limit. */
  readonly cut: number;
  /** Whether its disks come from an earlier run and have not been confirmed since. */
  readonly isRemembered: boolean;
}

/** Number of its own intervals of silence until a host is stale. */
export const STALE_AFTER_INTERVALS = 3;
