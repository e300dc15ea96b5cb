import { type Addressed, unheard } from "./addresses.ts";
import {
  type Host,
  type HostInfo,
  isV1HostId,
  STALE_AFTER_INTERVALS,
} from "./host.ts";
import { NO_WEIGHT, type Weight } from "./limits.ts";
import { LastMounts } from "./sightings.ts";

/** A host as stored: its public fields, and bookkeeping. */
export type KnownHost = { -readonly [K in keyof Host]: Host[K] } & Addressed & {
  readonly lastMounts: LastMounts;
  /** Of its disks. */
  weight: Weight;
  /** Whether its list was cut because others have the room. */
  lacksRoom: boolean;
  /** When its list is read anew if it `lacksRoom`; monotonic ms. */
  retryAt: number;
  /** When it was heard first, in an earlier run too; monotonic ms. */
  knownSince: number;
  /** When a datagram that says to be of it was dropped unverified; monotonic ms. */
  missedAt: number;
  /** When its daemon was seen to have started, as a host known before; monotonic ms. */
  startedAt: number;
};

/** A host heard for the first time. */
export function newHost(info: HostInfo, now: number): KnownHost {
  return {
    id: info.id,
    name: info.name,
    version: info.version,
    everyMs: info.everyMs,
    key: info.key ?? null,
    relayOf: info.relayOf ?? null,
    isProven: info.isProven ?? !isV1HostId(info.id),
    ...unheard(),
    heardAt: now,
    liveness: "up",
    disks: [],
    since: [],
    isRemembered: false,
    lastMounts: new LastMounts(),
    weight: NO_WEIGHT,
    cut: 0,
    lacksRoom: false,
    retryAt: -Infinity,
    knownSince: now,
    missedAt: -Infinity,
    startedAt: -Infinity,
  };
}

/** A flood in its name keeps a host that is off from becoming stale for no longer. */
const MOST_MISSED_MS = 10 * 60_000;

/**
 * When a host becomes stale unless heard before. What was dropped unverified
 * may have been its word, so a flood does not make it stale.
 */
export function staleAt({ heardAt, missedAt, everyMs }: KnownHost): number {
  const lastAt = Math.max(
    heardAt,
    Math.min(missedAt, heardAt + MOST_MISSED_MS),
  );
  return lastAt + STALE_AFTER_INTERVALS * everyMs;
}
