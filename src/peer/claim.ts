/**
 * Nobody speaks for a host that is up. What comes under its id from another
 * address than it was last accepted from is held back: not taken in, and not
 * placed in its life. A host that is alive hears that too, and speaks up at
 * once. If it does not, it has moved to the other address, by DHCP or with
 * another cable, and repeats itself there in any case.
 */
import type { Header } from "../codec/announcement.ts";
import type { Remote } from "./remote.ts";

/** How long the known address must be silent before another one is believed. Longer than it takes a host to speak up against an impostor, also where the first words are lost. */
export const CLAIM_MS = 1_500;

/** Another address speaks under the id of a host. */
export interface Claim {
  /** When the first of what is held back came. */
  readonly since: number;
  /** How many datagrams were held back. */
  held: number;
  /** The last of them. */
  address: string;
  boot: number;
  seq: number;
}

/** What the datagrams were that had been held back. */
export interface Settled {
  /** `copies`: what the host said itself, by another interface. `old`: what it said itself before it was believed at its new address. */
  readonly as: "copies" | "impostor" | "old";
  readonly held: number;
  /** The other address of the host; `null` where that is not sure. */
  readonly address: string | null;
}

/** A datagram that is fresh came from another address. Returns whether to take it in, or else holds it back. */
export function claim(
  remote: Remote,
  { boot, seq }: Header,
  { address, now }: { readonly address: string; readonly now: number },
): boolean {
  const known = remote.claim;
  if (known === null) {
    remote.claim = { since: now, held: 1, address, boot, seq };
    return false;
  }
  if (now - known.since >= CLAIM_MS) return true;
  known.held++;
  known.address = address;
  known.boot = boot;
  known.seq = seq;
  return false;
}

/** A datagram was taken in from the known address, or one whose claim was good. */
export function settleClaim(
  { claim }: Remote,
  { boot, seq }: Header,
  address: string,
): Settled | null {
  if (claim === null) return null;
  const { held } = claim;
  if (claim.address === address) return { as: "old", held, address: null };
  const isBehind = claim.boot === boot && claim.seq <= seq;
  return {
    as: isBehind ? "copies" : "impostor",
    held,
    address: isBehind && claim.seq === seq ? claim.address : null,
  };
}
