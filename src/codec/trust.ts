/**
 * Who is believed. Between the bytes that arrive and the datagram that is read
 * stands one check: was it written by somebody who has a key of ours?
 */
import type { Rejected } from "./announcement.ts";

/** A datagram that may be read. */
export interface Verified {
  readonly format: "opened";
  /** What `readDatagram` reads. */
  readonly bytes: Uint8Array;
  /** Id of the key that proves it, `null` when nothing does. */
  readonly key: string | null;
}

/** The keys of this host, and what it takes in without. */
export interface Trust {
  /** Whether we sign, so that only who signs is answered. */
  readonly hasKeys: boolean;
  /** Id of the key that we sign with; `null` exactly when we do not. */
  readonly keyId: string | null;
  /** The most that `close` adds to a datagram, in bytes. */
  readonly overheadBytes: number;
  /** Signs a datagram, or seals it, as the last thing before it is sent. */
  protect(datagram: Uint8Array): Uint8Array;
  /** The first thing that is done with bytes from the network. Never throws. */
  verify(bytes: Uint8Array): Verified | Rejected;
}

/** No keys: whatever arrives is read. */
export const TRUST_EVERYBODY: Trust = {
  hasKeys: false,
  keyId: null,
  overheadBytes: 0,
  protect: (datagram) => datagram,
  verify: (bytes) => ({ format: "opened", bytes, key: null }),
};
