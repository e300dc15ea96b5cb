/**
 * Who is believed where there are keys. The first key signs, or seals; what is
 * heard may be proven by any of them, so that a key can be exchanged while
 * some hosts have the new one first and others the old one.
 */
import type { Rejected } from "./announcement.ts";
import { Key } from "./key.ts";
import { MAX_V2_DATAGRAM_BYTES } from "./limits.ts";
import { REJECTED } from "./rejected.ts";
import { SEAL_BYTES, type SealedDatagram, splitSealed } from "./sealed.ts";
import {
  SIGNATURE_LINE_BYTES,
  type SignedDatagram,
  splitSigned,
} from "./signature_line.ts";
import type { Opened, Trust } from "./trust.ts";

export interface KeyringOptions {
  /** What the key files hold, none twice; the first one signs. */
  readonly secrets: readonly [Uint8Array, ...Uint8Array[]];
  /** Whether only what a key proves is read. Otherwise also what is not signed, or with an unknown key. */
  readonly require: boolean;
  /** Whether what is sent is sealed, instead of signed. */
  readonly encrypt: boolean;
  /** `NONCE_BYTES` random bytes, fresh at each call. */
  readonly freshNonce: () => Uint8Array;
}

/** Signs, seals and checks with these keys. */
export class Keyring implements Trust {
  readonly hasKeys = true;
  readonly keyId: string;
  readonly overheadBytes: number;
  readonly #first: Key;
  readonly #keys: readonly Key[];
  readonly #options: KeyringOptions;

  constructor(options: KeyringOptions) {
    const [first, ...others] = options.secrets;
    this.#options = options;
    this.#first = new Key(first);
    this.#keys = [this.#first, ...others.map((secret) => new Key(secret))];
    this.keyId = this.#first.id;
    this.overheadBytes = options.encrypt ? SEAL_BYTES : SIGNATURE_LINE_BYTES;
  }

  close(datagram: Uint8Array): Uint8Array {
    const { encrypt, freshNonce } = this.#options;
    return encrypt
      ? this.#first.seal(datagram, freshNonce())
      : this.#first.sign(datagram);
  }

  open(bytes: Uint8Array): Opened | Rejected {
    const sealed = splitSealed(bytes);
    if (sealed !== null) return this.#unseal(sealed);
    const signed = splitSigned(bytes);
    return signed === null
      ? this.#unproven(bytes, REJECTED.unsigned)
      : this.#verify(signed, bytes);
  }

  #unseal(datagram: SealedDatagram): Opened | Rejected {
    const { keyId: key, sealed } = datagram;
    // Nobody may make us compute for long.
    if (sealed.length > MAX_V2_DATAGRAM_BYTES) return REJECTED["too-long"];
    const keys = this.#called(key);
    if (keys.length === 0) return REJECTED["unknown-key"];
    for (const each of keys) {
      const bytes = each.unseal(datagram);
      if (bytes !== null) return { format: "opened", bytes, key };
    }
    return REJECTED["bad-signature"];
  }

  #verify(datagram: SignedDatagram, bytes: Uint8Array): Opened | Rejected {
    const { keyId: key, message } = datagram;
    if (message.length > MAX_V2_DATAGRAM_BYTES) return REJECTED["too-long"];
    const keys = this.#called(key);
    if (keys.length === 0) {
      return this.#unproven(bytes, REJECTED["unknown-key"]);
    }
    return keys.some((each) => each.hasSigned(datagram))
      ? { format: "opened", bytes: message, key }
      : REJECTED["bad-signature"];
  }

  #unproven(bytes: Uint8Array, rejected: Rejected): Opened | Rejected {
    if (this.#options.require) return rejected;
    return { format: "opened", bytes, key: null };
  }

  /** An id is 32 bits, so two keys may share one. */
  #called(id: string): readonly Key[] {
    return this.#keys.filter((key) => key.id === id);
  }
}
