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
    startedAt: -Infinity,
  };
}

/** When a host becomes stale unless heard before. */
export function staleAt(host: Host): number {
  return host.heardAt + STALE_AFTER_INTERVALS * host.everyMs;
}
