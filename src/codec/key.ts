/**
 * One key: what is signed and sealed with it, and what it proves.
 *
 * The 32 bytes of a key file are used for nothing by themselves. Three things
 * are derived from them with HKDF-SHA256 (RFC 5869), each with a text of its
 * own, so that none says anything of another: what signs (HMAC-SHA256, RFC
 * 2104), what seals (AES-256-GCM, NIST SP 800-38D), and the id.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";
import {
  SEAL_BYTES,
  type SealedDatagram,
  startSealed,
  TAG_BYTES,
} from "./sealed.ts";
import { joinSigned, type SignedDatagram } from "./signature_line.ts";

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
