import type { RejectReason } from "../codec/announcement.ts";

/** Why a datagram that could be read was not taken in. */
export type RefuseReason =
  /** Overtaken by a later one of its sender, or a replay. */
  | "old"
  /** From 0.01 on a host that also speaks version 2. */
  | "shadowed"
  /** Another daemon uses our identity. */
  | "our-id"
  /** Under the id of a host that is up, and spoke from another address at that very time. */
  | "impostor"
  /** A question from a network that we are not in. */
  | "not-local"
  /** One address sends more than may be. */
  | "too-fast"
  /** Addresses of hosts that are not known, or not up, send more together than may be. */
  | "too-many"
  /** No room for one more host. */
  | "too-many-hosts"
  /** So many hosts have this address that there is no room for one more. */
  | "crowded-address"
  /** The list was cut: it, or all lists together, have too many disks. */
  | "too-many-disks"
  /** The list was cut: it, or all lists together, have too much text. */
  | "too-large"
  /** Part of a list whose other parts did not come, or for which there was no room. */
  | "unfinished";

/** What became of the datagrams that arrived. */
export class Counters {
  received = 0;
  /** Our own, which multicast brings back to us. */
  own = 0;
  /** Heard again, by another interface. */
  copies = 0;
  readonly #rejected = new Map<RejectReason | RefuseReason, number>();

  reject(reason: RejectReason | RefuseReason, times = 1): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + times);
  }

  /** Counts by reason, in alphabetical order; reasons that never came up are left out. */
  get rejected(): Record<string, number> {
    return Object.fromEntries([...this.#rejected].sort());
  }
}
