import type { Change } from "./change.ts";
import type { Front } from "./limits.ts";

/** The limit that keeps a new host from being listed. */
export type NoRoom = "too-many-hosts" | "crowded-address";

/** The limit at which data was refused or cut. */
type Shortage = NoRoom | "too-many-disks" | "too-large";

/** Result of an announcement. */
export interface Applied {
  readonly changes: readonly Change[];
  /** With a `NoRoom` nothing was accepted; with the others the list was cut. */
  readonly shortage: Shortage | null;
}

/** Result of an announcement without news. */
export const NOTHING_NEW: Applied = { changes: [], shortage: null };

/** Result without room for another host. */
export function noRoom(shortage: NoRoom): Applied {
  return REFUSED[shortage];
}

/** Whether nothing was accepted for lack of room. */
export function isNoRoom(shortage: Shortage | null): shortage is NoRoom {
  return shortage !== null && shortage in REFUSED;
}

/** Created once, so that a flood of invented hosts allocates none. */
const REFUSED: Readonly<Record<NoRoom, Applied>> = {
  "too-many-hosts": { changes: [], shortage: "too-many-hosts" },
  "crowded-address": { changes: [], shortage: "crowded-address" },
};

/** The limit that cut a list; `null` if it is whole. */
export function shortageOf({ cutBy }: Front): Shortage | null {
  return cutBy && SHORTAGE[cutBy];
}

const SHORTAGE = { disks: "too-many-disks", bytes: "too-large" } as const;
