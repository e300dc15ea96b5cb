import type { RejectReason } from "../codec/announcement.ts";
import type { HostKey } from "../codec/host_key.ts";
import type { Change } from "../inventory/change.ts";
import type { Remark } from "../inventory/remark.ts";
import type { Locked } from "./locked_senders.ts";

/** Something for the caller to do. */
export type Effect =
  /** Send these datagrams now, back to back. */
  | {
    readonly kind: "send";
    readonly datagrams: readonly Uint8Array[];
    /** Addresses of the interfaces to send on; if missing, all. */
    readonly via?: readonly string[];
  }
  /** Send these datagrams now to the peers with these addresses, in the order of sending. */
  | {
    readonly kind: "send-far";
    readonly datagrams: readonly Uint8Array[];
    readonly to: readonly string[];
  }
  /** Store this: no datagram at or below it may be accepted, in this run or a later one. */
  | AcceptedEffect
  /** Store this remark of another host, and tell. */
  | { readonly kind: "remark"; readonly remark: Remark }
  /** Report this to watching clients. */
  | { readonly kind: "change"; readonly change: Change }
  /**
   * Another daemon speaks for this host, so this one is to end. `isPrivileged`:
   * the other is root's, or the system's.
   */
  | { readonly kind: "yield"; readonly isPrivileged: boolean }
  /** Tell an administrator: a key for the datagrams of this address is missing. */
  | {
    readonly kind: "locked";
    readonly reason: Locked;
    readonly address: string;
  }
  /** Tell an administrator: a daemon with this address, on another network, has our key. */
  | { readonly kind: "twin"; readonly address: string }
  /** Store this identity for the next start. */
  | {
    readonly kind: "identity";
    readonly identity: Identity;
    /**
     * `moved`: another daemon had our key, so we have a new one. `raised`: that
     * daemon came later and moves, and our `boot` is above its. `woke`: this
     * host may have gone back in time.
     */
    readonly reason: "moved" | "raised" | "woke";
  };

/** Precedes the changes caused by the accepted datagram. */
export interface AcceptedEffect extends Accepted {
  readonly kind: "accepted";
  /** Whether its sender restarted, changed its list, or said goodbye; `false` for a repeat. */
  readonly isNews: boolean;
}

/** Without `via` the datagrams go out on all interfaces. */
export function sendEffect(
  datagrams: readonly Uint8Array[],
  via: readonly string[] | undefined,
): Effect {
  return via ? { kind: "send", datagrams, via } : { kind: "send", datagrams };
}

export function changeEffects(changes: readonly Change[]): Effect[] {
  return changes.map((change) => ({ kind: "change", change }));
}

/** The last datagram accepted from a host; only later ones are accepted. */
export interface Accepted {
  readonly id: string;
  /** Start of its run of the daemon, ms since 1970. */
  readonly boot: number;
  /** Number of the announcement in that run. */
  readonly seq: number;
  /** Days on which earlier runs heard the host; default: 0. */
  readonly days?: number;
}

/** Why a valid datagram was rejected. */
export type RefuseReason =
  /** Behind the last datagram of its sender, or a replay. */
  | "old"
  /** From 0.01 on a host that also speaks version 2. */
  | "shadowed"
  /** With our own key: our earlier datagram, or that of a copy of this host. */
  | "our-id"
  /** A question from an address in none of our networks. */
  | "not-local"
  /** From a relay that is neither in a network of ours nor a peer. */
  | "no-peer"
  /** This relay has no room to pass it on. */
  | "not-relayed"
  /** Its address exceeds its rate limit. */
  | "too-fast"
  /** Those of its sender take too long to process. */
  | "too-costly"
  /** All unknown senders, or all hosts, together exceed a limit. */
  | "too-many"
  /** A remark with a value that no host would give it. */
  | "bad-remark"
  /** A remark from a future so far that it could not be replaced. */
  | "bad-clock"
  /** A remark of a host that never proved a shared key, which is demanded. */
  | "unproven-remark"
  /** Remarks or a goodbye of a host that is not up. */
  | "unknown-host"
  /** No room for another host. */
  | "too-many-hosts"
  /** No room for another host with this address. */
  | "crowded-address"
  /** The list was cut: it has too many disks, or all lists together have. */
  | "too-many-disks"
  /** The list was cut: it has too much text, or all lists together have. */
  | "too-large"
  /** Part of a list whose other parts did not arrive, or for which there was no room. */
  | "unfinished";

/** Counts received datagrams by outcome. */
export class Counters {
  received = 0;
  /** Our own, returned by multicast. */
  own = 0;
  /** Heard again through another interface. */
  copies = 0;
  readonly #rejected = new Map<RejectReason | RefuseReason, number>();

  /** Sum of all rejections. */
  refused = 0;

  reject(reason: RejectReason | RefuseReason, times = 1): void {
    this.refused += times;
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + times);
  }

  /** Counts by reason, in alphabetical order, without zeros. */
  get rejected(): Record<string, number> {
    return Object.fromEntries([...this.#rejected].sort());
  }
}

/** How other hosts know us. */
export interface Identity {
  /** Makes our id, and signs what we say. */
  readonly key: HostKey;
  readonly name: string;
  readonly version: string;
  /** Start of this run, ms since 1970; grows from run to run. */
  readonly boot: number;
}
