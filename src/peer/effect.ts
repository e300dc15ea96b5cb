import type { Change } from "../inventory/change.ts";
import type { Accepted } from "./accepted.ts";
import type { Identity } from "./identity.ts";

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
