import type { Peer } from "../../src/peer/peer.ts";
import type { Believed } from "./history.ts";
import { LIARS_NETWORK } from "./liars.ts";

/** Something that a host took in under the id of another. */
export interface TakenIn {
  readonly hostId: string;
  readonly from: string;
  readonly at: number;
  /** Whether that host was up before, as far as this one knew. */
  readonly wasUp: boolean;
}

/** Whom one host believes: the others themselves, or liars. */
export class Beliefs {
  /** When each host was heard last, of those of which no liar was. */
  readonly #heardAt = new Map<string, number>();

  /** The daemon starts anew. */
  clear(): void {
    this.#heardAt.clear();
  }

  /** Returns a liar who is believed about a host that was up and was heard itself last. */
  note(
    { hostId, from, at, wasUp }: TakenIn,
  ): Pick<Believed, "at" | "hostId" | "heardAt"> | null {
    if (!from.startsWith(LIARS_NETWORK)) {
      this.#heardAt.set(hostId, at);
      return null;
    }
    const heardAt = this.#heardAt.get(hostId);
    this.#heardAt.delete(hostId);
    return wasUp && heardAt !== undefined ? { at, hostId, heardAt } : null;
  }
}

/** Ids of the hosts that this one takes for up. */
export function upHosts({ inventory }: Peer): Set<string> {
  const up = new Set<string>();
  for (const { id, liveness } of inventory.hosts()) {
    if (liveness === "up") up.add(id);
  }
  return up;
}
