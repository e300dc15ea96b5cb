/**
 * Between receiving bytes and reading a datagram stands a single check: was it
 * written by a holder of one of our keys?
 */
import type { Rejected } from "./announcement.ts";

/** A datagram that passed the check. */
export interface Verified {
  readonly format: "opened";
  /** Input of `readDatagram`. */
  readonly bytes: Uint8Array;
  /** Id of the key that proves it; `null` without proof. */
  readonly key: string | null;
}

/** The keys of this host, and whether it accepts unproven datagrams. */
export interface Trust {
  /** Whether this host signs, and therefore answers only signed questions. */
  readonly hasKeys: boolean;
  /** Whether this host accepts nothing without proof. */
  readonly demandsProof: boolean;
  /** Id of the signing key; `null` exactly if this host does not sign. */
  readonly keyId: string | null;
  /** Most bytes that `protect` adds to a datagram. */
  readonly overheadBytes: number;
  /** Signs or encrypts a datagram, as the last step before sending. */
  protect(datagram: Uint8Array): Uint8Array;
  /** Checks bytes from the network, before anything else reads them. Never throws. */
  verify(bytes: Uint8Array): Verified | Rejected;
}

/** Trust without keys: accepts every datagram. */
export const TRUST_EVERYBODY: Trust = {
  hasKeys: false,
  demandsProof: false,
  keyId: null,
  overheadBytes: 0,
  protect: (datagram) => datagram,
  verify: (bytes) => ({ format: "opened", bytes, key: null }),
};
