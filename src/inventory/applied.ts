import type { Change } from "./change.ts";
import type { Front } from "./limits.ts";

/** For which limit a newcomer is not listed. */
export type NoRoom = "too-many-hosts" | "crowded-address";

/** For which limit something was not taken in, or not whole. */
type Shortage = NoRoom | "too-many-disks" | "too-large";

/** What became of an announcement. */
export interface Applied {
  readonly changes: readonly Change[];
  /** A `Refusal`: nothing was taken in. The others: the list was cut. */
  readonly shortage: Shortage | null;
}

/** It said what is known already. */
export const NOTHING_NEW: Applied = { changes: [], shortage: null };

/** There was no room for one more host. */
export function noRoom(shortage: NoRoom): Applied {
  return REFUSED[shortage];
}

/** Whether nothing was taken in for want of room. */
export function isNoRoom(shortage: Shortage | null): shortage is NoRoom {
  return shortage !== null && shortage in REFUSED;
}

/** Made once: a flood of hosts that do not exist allocates nothing for them. */
const REFUSED: Readonly<Record<NoRoom, Applied>> = {
  "too-many-hosts": { changes: [], shortage: "too-many-hosts" },
  "crowded-address": { changes: [], shortage: "crowded-address" },
};

/** For which limit a list was cut, `null` where it is whole. */
export function shortageOf({ cutBy }: Front): Shortage | null {
  return cutBy && SHORTAGE[cutBy];
}

const SHORTAGE = { disks: "too-many-disks", bytes: "too-large" } as const;
