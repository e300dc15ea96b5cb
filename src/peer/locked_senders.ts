import type { RejectReason } from "../codec/announcement.ts";
import { splitSealed } from "../codec/sealed.ts";

/** Why diskd of another host cannot be understood: a key is missing. */
export type Locked =
  /** Encrypted, and this host has no key. */
  | "sealed"
  /** Signed or encrypted with another key. */
  | "other-key";

/** The same, or: not signed, and this host demands that. */
export type NoKey = Locked | "unsigned";

/** Anyone can send such datagrams, so few addresses are kept. */
const MAX_ADDRESSES_KEPT = 16;

/** An address is kept for so long after its last datagram. */
const KEPT_MS = 10 * 60_000;

/** The addresses that send datagrams for which this host lacks the key. */
export class LockedSenders {
  readonly #heard = new Map<string, {
    readonly reason: Locked;
    readonly at: number;
    /** What was told of it: an address may send both kinds, in turns. */
    readonly told: ReadonlySet<Locked>;
  }>();

  /** Notes a rejected datagram, and returns why it is locked if that is news. */
  note(
    rejected: RejectReason,
    { bytes, address, now }: {
      readonly bytes: Uint8Array;
      readonly address: string;
      readonly now: number;
    },
  ): Locked | null {
    const reason = lockedBy(rejected, bytes);
    if (reason === null) return null;
    this.#expire(now);
    const known = this.#heard.get(address);
    const hasRoom = this.#heard.size < MAX_ADDRESSES_KEPT;
    if (!hasRoom && known === undefined) return null;
    const told = new Set(known?.told).add(reason);
    this.#heard.set(address, { reason, at: now, told });
    return known?.told.has(reason) ? null : reason;
  }

  /** The addresses heard in the last ten minutes. */
  list(now: number): ReadonlyMap<Locked, ReadonlySet<string>> {
    this.#expire(now);
    const addresses = { "sealed": new Set(), "other-key": new Set() } as Record<
      Locked,
      Set<string>
    >;
    for (const [address, { reason }] of this.#heard) {
      addresses[reason].add(address);
    }
    return new Map(Object.entries(addresses) as [Locked, Set<string>][]);
  }

  #expire(now: number): void {
    for (const [address, { at }] of this.#heard) {
      if (now - at > KEPT_MS) this.#heard.delete(address);
    }
  }
}

/** Why what a host says is not accepted; `null`: not for want of a key. */
export function noKeyBy(rejected: string, bytes: Uint8Array): NoKey | null {
  return rejected === "unsigned" ? rejected : lockedBy(rejected, bytes);
}

/** Why a datagram that was rejected cannot be understood; `null`: not for want of a key. */
export function lockedBy(rejected: string, bytes: Uint8Array): Locked | null {
  if (rejected === "unknown-key") return "other-key";
  if (rejected === "not-diskd" && splitSealed(bytes) !== null) return "sealed";
  return null;
}
