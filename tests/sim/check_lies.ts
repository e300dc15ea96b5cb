import { CLAIM_MS } from "../../src/peer/remotes.ts";
import type { Believed, History } from "./history.ts";

/**
 * No lie about a host that is up was ever shown where that host was heard: not
 * within `CLAIM_MS` of its last word, and while the network is well never.
 */
export function checkLies({ believed }: History): string[] {
  return believed.filter(isForbidden).map(({ at, viewer, hostId, heardAt }) =>
    `At ${at} ${viewer} believed a liar about ${hostId}, which it heard at ${heardAt}`
  );
}

function isForbidden({ at, heardAt, isWell }: Believed): boolean {
  return isWell || at - heardAt < CLAIM_MS;
}
