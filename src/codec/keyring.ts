import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";
import {
  MAX_V2_DATAGRAM_BYTES,
  REJECTED,
  type Rejected,
} from "./announcement.ts";
import {
  HEAD_BYTES,
  joinMac,
  KEY_ID_BYTES,
  MAC_LINE_BYTES,
  type MacDatagram,
  SEAL_BYTES,
  type SealedDatagram,
  splitMac,
  splitSealed,
  startSealed,
  TAG_BYTES,
} from "./sealed.ts";
import type { Trust, Verified } from "./trust.ts";

/**
 * The keys that hosts share. The first key authenticates or encrypts; received datagrams
 * may be proven by any of them. So during a change of keys some hosts may
 * already have the new key first, and others still the old one.
 */

export interface KeyringOptions {
  /** The contents of the key files, without duplicates; the first one is used to send. */
  readonly secrets: readonly [Uint8Array, ...Uint8Array[]];
  /**
   * Whether to reject datagrams made without one of these keys. Otherwise they
   * are read too.
   */
  readonly require: boolean;
  /** Whether to encrypt sent datagrams instead of authenticating them. */
  readonly encrypt: boolean;
  /** Returns `NONCE_BYTES` random bytes, different at each call. */
  readonly freshNonce: () => Uint8Array;
}

/** Authenticates, encrypts and verifies with these keys. */
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
    this.overheadBytes = options.encrypt ? SEAL_BYTES : MAC_LINE_BYTES;
  }

  get demandsProof(): boolean {
    return this.#options.require;
  }

  protect(datagram: Uint8Array): Uint8Array {
    const { encrypt, freshNonce } = this.#options;
    return encrypt
      ? this.#first.seal(datagram, freshNonce())
      : this.#first.authenticate(datagram);
  }

  verify(bytes: Uint8Array): Verified | Rejected {
    const sealed = splitSealed(bytes);
    if (sealed !== null) return this.#unseal(sealed);
    const signed = splitMac(bytes);
    return signed === null
      ? this.#unproven(bytes, REJECTED.unsigned)
      : this.#verify(signed, bytes);
  }

  #unseal(datagram: SealedDatagram): Verified | Rejected {
    const { keyId: key, sealed } = datagram;
    // No sender may make us compute for long.
    if (sealed.length > MAX_V2_DATAGRAM_BYTES) return REJECTED["too-long"];
    const keys = this.#called(key);
    if (keys.length === 0) return REJECTED["unknown-key"];
    for (const each of keys) {
      const bytes = each.unseal(datagram);
      if (bytes !== null) return { format: "opened", bytes, key };
    }
    return REJECTED["bad-signature"];
  }

  #verify(datagram: MacDatagram, bytes: Uint8Array): Verified | Rejected {
    const { keyId: key, message } = datagram;
    if (message.length > MAX_V2_DATAGRAM_BYTES) return REJECTED["too-long"];
    const keys = this.#called(key);
    if (keys.length === 0) {
      return this.#unproven(bytes, REJECTED["unknown-key"]);
    }
    return keys.some((each) => each.hasAuthenticated(datagram))
      ? { format: "opened", bytes: message, key }
      : REJECTED["bad-signature"];
  }

  #unproven(bytes: Uint8Array, rejected: Rejected): Verified | Rejected {
    if (this.#options.require) return rejected;
    return { format: "opened", bytes, key: null };
  }

  /** An id has 32 bits, so two keys may share an id. */
  #called(id: string): readonly Key[] {
    return this.#keys.filter((key) => key.id === id);
  }
}

/**
 * A single key.
 *
 * The 32 bytes of a key file are never used directly. HKDF-SHA256 (RFC 5869),
 * with a different text each, derives three independent values from them: the
 * signing key (HMAC-SHA256, RFC 2104), the encryption key (AES-256-GCM, NIST SP
 * 800-38D), and the id.
 */

const DERIVED_BYTES = 32;
const CIPHER = "aes-256-gcm";
const NO_SALT = new Uint8Array();

const encoder = new TextEncoder();

export class Key {
  /** Identifies the key: 8 hexadecimal digits. Not secret, and does not reveal the key. */
  readonly id: string;
  readonly #signing: Uint8Array;
  readonly #sealing: Uint8Array;

  /** `secret` is the content of a key file, 32 random bytes. */
  constructor(secret: Uint8Array) {
    this.id = derive(secret, "diskd key id 1", KEY_ID_BYTES).toHex();
    this.#signing = derive(secret, "diskd signing key 1", DERIVED_BYTES);
    this.#sealing = derive(secret, "diskd sealing key 1", DERIVED_BYTES);
  }

  /** Appends the HMAC of the message. */
  authenticate(message: Uint8Array): Uint8Array {
    return joinMac(message, { keyId: this.id, mac: this.#macOf(message) });
  }

  /** Whether the HMAC was made with this key for this message. */
  hasAuthenticated({ message, mac }: MacDatagram): boolean {
    return timingSafeEqual(encoder.encode(this.#macOf(message)), mac);
  }

  /** Encrypts the message. A nonce must never be used twice. */
  seal(message: Uint8Array, nonce: Uint8Array): Uint8Array {
    const bytes = startSealed(message.length, { keyId: this.id, nonce });
    const cipher = createCipheriv(CIPHER, this.#sealing, nonce);
    cipher.setAAD(bytes.subarray(0, HEAD_BYTES));
    bytes.set(cipher.update(message), HEAD_BYTES);
    cipher.final();
    bytes.set(cipher.getAuthTag(), bytes.length - TAG_BYTES);
    return bytes;
  }

  /**
   * Decrypts the message; `null` if it was not encrypted with this key, or was
   * changed afterwards.
   */
  unseal({ head, nonce, sealed, tag }: SealedDatagram): Uint8Array | null {
    const cipher = createDecipheriv(CIPHER, this.#sealing, nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(head);
    cipher.setAuthTag(tag);
    const message = cipher.update(sealed);
    try {
      cipher.final();
      return message;
    } catch {
      return null;
    }
  }

  #macOf(message: Uint8Array): string {
    return createHmac("sha256", this.#signing).update(message).digest("base64");
  }
}

function derive(secret: Uint8Array, info: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, NO_SALT, info, bytes));
}
