/**
 * What a simulation leaves behind, and all that the checkers look at: what
 * went over the wire, what hosts showed, and what was true.
 */
import type { Liveness } from "../../src/inventory/host.ts";
import type { InventoryLimits } from "../../src/inventory/limits.ts";
import type { Remark } from "../../src/inventory/remark.ts";

export interface History {
  readonly limits: InventoryLimits;
  /** What hosts sent, in the order of time; not what was made up by others. */
  readonly wire: Sent[];
  /** Each time that a view showed another list of a host. */
  readonly shown: Shown[];
  /** Each time that a liar was believed about a host. */
  readonly believed: Believed[];
  /** What was said of disks, in the order of time. */
  readonly remarks: SaidThere[];
  readonly moments: Moment[];
}

/** A remark, and the machine where it was made; `null`: it forgot those that it made. */
export interface SaidThere {
  readonly remark: Remark | null;
  readonly by: string;
}

export interface Sent {
  readonly at: number;
  readonly from: string;
  /** The daemon that sent it, by its host and its life. */
  readonly by: string;
  /** The name of a medium; with an address behind it, to one station there alone. */
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** A list that came into a view. Each host stamps all disks of a list with a number that grows from list to list. */
export interface Shown {
  readonly at: number;
  /** The daemon that shows it, by its host and its life. */
  readonly viewer: string;
  readonly hostId: string;
  readonly stamps: readonly (number | null)[];
}

/** A lie about another host that was taken in. */
export interface Believed {
  readonly at: number;
  readonly viewer: string;
  readonly hostId: string;
}

/** All views at one time, and what is true then. */
export interface Moment {
  /** `healed`: the network is well for an interval. `placed`: for two. `settled`: long enough to see who is dead. `joined`: sites that were apart are so no more. */
  readonly kind: "healed" | "placed" | "settled" | "joined";
  readonly at: number;
  readonly truth: readonly TrueHost[];
  readonly views: readonly View[];
}

export interface TrueHost {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** `null`: it has none. */
  readonly ipv6: string | null;
  readonly isRunning: boolean;
  readonly disks: readonly ShownDisk[];
}

/** What one running host shows. */
export interface View {
  readonly viewer: string;
  readonly hostId: string;
  readonly hosts: readonly ShownHost[];
  readonly remarks: readonly Remark[];
}

export interface ShownHost {
  readonly id: string;
  readonly name: string;
  readonly liveness: Liveness;
  readonly addresses: readonly string[];
  readonly disks: readonly ShownDisk[];
}

export interface ShownDisk {
  readonly device: string;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly mounts: readonly string[];
  /** Where hosts write their stamp. */
  readonly size: number | null;
}

/** What a checker found, a sentence each; empty when all is well. */
export type Checker = (history: History) => string[];
