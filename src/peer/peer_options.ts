import type { Trust } from "../codec/trust.ts";
import type { InventoryLimits } from "../inventory/limits.ts";
import type { Accepted } from "./accepted.ts";
import type { Identity } from "./identity.ts";
import type { InflowLimits } from "./inflow.ts";

export interface PeerOptions {
  readonly identity: Identity;
  /** The largest `boot` that earlier runs of ours used; 0 when unknown. */
  readonly pastBoot: number;
  /** How far announcements are apart while the LAN is small. */
  readonly announceIntervalMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Makes an id that nobody else has. */
  readonly freshId: () => string;
  /** What it remembers at most; by default what a daemon does. */
  readonly limits?: InventoryLimits;
  /** How much it reads of what nothing proves; by default what a daemon does. */
  readonly inflow?: InflowLimits;
  /** Our keys; by default none, and everybody is believed. */
  readonly trust?: Trust;
  /** What earlier runs of ours accepted: it is not accepted again. */
  readonly accepted?: Iterable<Accepted>;
}
