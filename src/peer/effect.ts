import type { RejectReason } from "../codec/announcement.ts";
import type { Change } from "../inventory/change.ts";

/** What the outside has to do. */
export type Effect =
  /** Send these now and back to back. */
  | {
    readonly kind: "send";
    readonly datagrams: readonly Uint8Array[];
    /** Addresses of the interfaces to send them on; when missing, on every one. */
    readonly via?: readonly string[];
  }
  /** Keep that this was accepted: nothing at or below it is, in this life or a later one. */
  | AcceptedEffect
  /** Tell whoever watches. */
  | { readonly kind: "change"; readonly change: Change }
  /** Keep this identity for the next start. */
  | {
    readonly kind: "identity";
    readonly identity: Identity;
    /** `moved`: another daemon had our id. `raised`: it has gone, and we took back our place. */
    readonly reason: "moved" | "raised";
  };

/** Comes before the changes that what was accepted brings. */
export interface AcceptedEffect extends Accepted {
  readonly kind: "accepted";
  /** Its sender has started anew, has another list, or said goodbye; `false` when it says the same again. */
  readonly isNews: boolean;
}

/** `via` of `undefined`: everywhere. */
export function sendEffect(
  datagrams: readonly Uint8Array[],
  via: readonly string[] | undefined,
): Effect {
  return via ? { kind: "send", datagrams, via } : { kind: "send", datagrams };
}

export function changeEffects(changes: readonly Change[]): Effect[] {
  return changes.map((change) => ({ kind: "change", change }));
}

/** What was last accepted from a host: only what is above it is taken in. */
export interface Accepted {
  readonly id: string;
  /** Start of the life that said it, ms since 1970. */
  readonly boot: number;
  /** Number of the announcement in that life. */
  readonly seq: number;
}

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

/** Who we are to others. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Start of this life, ms since 1970; grows from run to run. */
  readonly boot: number;
}
