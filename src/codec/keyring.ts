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
  joinSigned,
  SEAL_BYTES,
  type SealedDatagram,
  SIGNATURE_LINE_BYTES,
  type SignedDatagram,
  splitSealed,
  splitSigned,
  startSealed,
  TAG_BYTES,
} from "./sealed.ts";
import type { Trust, Verified } from "./trust.ts";

/**
 * Who is believed where there are keys. The first key signs, or seals; what is
 * heard may be proven by any of them, so that a key can be exchanged while
 * some hosts have the new one first and others the old one.
 */

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

  protect(datagram: Uint8Array): Uint8Array {
    const { encrypt, freshNonce } = this.#options;
    return encrypt
      ? this.#first.seal(datagram, freshNonce())
      : this.#first.sign(datagram);
  }

  verify(bytes: Uint8Array): Verified | Rejected {
    const sealed = splitSealed(bytes);
    if (sealed !== null) return this.#unseal(sealed);
    const signed = splitSigned(bytes);
    return signed === null
      ? this.#unproven(bytes, REJECTED.unsigned)
      : this.#verify(signed, bytes);
  }

  #unseal(datagram: SealedDatagram): Verified | Rejected {
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

  #verify(datagram: SignedDatagram, bytes: Uint8Array): Verified | Rejected {
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

  #unproven(bytes: Uint8Array, rejected: Rejected): Verified | Rejected {
    if (this.#options.require) return rejected;
    return { format: "opened", bytes, key: null };
  }

  /** An id is 32 bits, so two keys may share one. */
  #called(id: string): readonly Key[] {
    return this.#keys.filter((key) => key.id === id);
  }
}

/**
 * One key: what is signed and sealed with it, and what it proves.
 *
 * The 32 bytes of a key file are used for nothing by themselves. Three things
 * are derived from them with HKDF-SHA256 (RFC 5869), each with a text of its
 * own, so that none says anything of another: what signs (HMAC-SHA256, RFC
 * 2104), what seals (AES-256-GCM, NIST SP 800-38D), and the id.
 */

const DERIVED_BYTES = 32;
const KEY_ID_BYTES = 4;
const HEAD_BYTES = SEAL_BYTES - TAG_BYTES;
const CIPHER = "aes-256-gcm";
const NO_SALT = new Uint8Array();

const encoder = new TextEncoder();

export class Key {
  /** Tells keys apart, 8 hexadecimal digits. No secret, and does not lead to one. */
  readonly id: string;
  readonly #signing: Uint8Array;
  readonly #sealing: Uint8Array;

  /** `secret` is what a key file holds, 32 random bytes. */
  constructor(secret: Uint8Array) {
    this.id = derive(secret, "diskd key id 1", KEY_ID_BYTES).toHex();
    this.#signing = derive(secret, "diskd signing key 1", DERIVED_BYTES);
    this.#sealing = derive(secret, "diskd sealing key 1", DERIVED_BYTES);
  }

  /** The message with a line that proves it. */
  sign(message: Uint8Array): Uint8Array {
    return joinSigned(message, { keyId: this.id, mac: this.#macOf(message) });
  }

  /** Whether that line was written with this key for this message. */
  hasSigned({ message, mac }: SignedDatagram): boolean {
    return timingSafeEqual(encoder.encode(this.#macOf(message)), mac);
  }

  /** Hides the message from everybody without this key. A nonce must not come twice. */
  seal(message: Uint8Array, nonce: Uint8Array): Uint8Array {
    const bytes = startSealed(message.length, { keyId: this.id, nonce });
    const cipher = createCipheriv(CIPHER, this.#sealing, nonce);
    cipher.setAAD(bytes.subarray(0, HEAD_BYTES));
    bytes.set(cipher.update(message), HEAD_BYTES);
    cipher.final();
    bytes.set(cipher.getAuthTag(), bytes.length - TAG_BYTES);
    return bytes;
  }

  /** The message; `null` where it was not sealed with this key, or was changed since. */
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
