import type { Change } from "./change.ts";
import type { Front } from "./weight.ts";

/** For which limit something was not taken in, or not whole. */
export type Shortage = "too-many-hosts" | "too-many-disks" | "too-large";

/** What became of an announcement. */
export interface Applied {
  readonly changes: readonly Change[];
  /** `too-many-hosts`: nothing was taken in. The others: the list was cut. */
  readonly shortage: Shortage | null;
}

/** It said what is known already. */
export const NOTHING_NEW: Applied = { changes: [], shortage: null };

/** There was no room for one more host. */
export const NO_ROOM: Applied = { changes: [], shortage: "too-many-hosts" };

/** For which limit a list was cut, `null` where it is whole. */
export function shortageOf({ cutBy }: Front): Shortage | null {
  return cutBy && SHORTAGE[cutBy];
}

const SHORTAGE = { disks: "too-many-disks", bytes: "too-large" } as const;
