import {
  DEFAULT_INVENTORY_LIMITS,
  type InventoryLimits,
} from "../../src/inventory/limits.ts";
import { rateLimits } from "../support/rate_limits.ts";

/** Little room, so that strangers take it all. */
export const CROWDED_LIMITS: InventoryLimits = {
  ...DEFAULT_INVENTORY_LIMITS,
  hosts: 8,
  hostsPerAddress: 3,
  disksPerHost: 20,
  bytesPerHost: 2_000,
  disks: 60,
  bytes: 5_000,
  addressesPerHost: 2,
  sightings: 10,
};

/** So low that a flood is one, and more than a host with 60 disks ever says. */
export const LIARS_RATE_LIMITS = rateLimits({
  each: { perSecond: 100, burst: 200 },
  strangers: { perSecond: 1_000, burst: 1_000 },
  sources: 100,
});
