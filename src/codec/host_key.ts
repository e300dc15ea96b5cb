import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/**
 * The identity of a host: an Ed25519 key pair (RFC 8032). The host signs what it
 * says, and its id is a hash of its public key, so nobody else can speak for it.
 */
export interface HostKey {
  /** The first 128 bits of SHA-256 of the public key, as 32 hexadecimal digits. */
  readonly id: string;
  /** The 32 bytes of the public key, in base64url without padding. */
  readonly publicKey: string;
  /** Returns the signature of the message, `SIGNATURE_BYTES` long. */
  sign(message: Uint8Array): Uint8Array;
  /** The private key in PEM, as `readHostKey` reads it. */
  toPem(): string;
}

/** How hosts prove who they are. */
export interface Signatures {
  /**
   * The id of the host with this public key; `null` if the text is no public
   * key, or not its only form.
   */
  idOf(publicKey: string): string | null;
  /** Whether the signature was made for this message with the private half of this key. */
  verify(
    publicKey: string,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}

/** Length of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** 43 characters hold 2 bits more than a key. Those must be 0, so that a key has a single form. */
const PUBLIC_KEY = /^[0-9A-Za-z_-]{42}[AEIMQUYcgkosw048]$/;

const ID_BYTES = 16;

/** What precedes the seed of a private key in PKCS #8, RFC 8410. */
const PKCS8_START = Uint8Array.fromHex("302e020100300506032b657004220420");

/** Length of the seed of a private key. */
export const SEED_BYTES = 32;

/** The pair that grows from these random bytes. */
export function newHostKey(seed: Uint8Array): HostKey {
  const der = Uint8Array.of(...PKCS8_START, ...seed).toBase64();
  const pem =
    `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
  return readHostKey(pem);
}

/**
 * Reads a private key in PEM, PKCS #8 (RFC 5958).
 *
 * @throws If it is none, or not of Ed25519.
 */
export function readHostKey(pem: string): HostKey {
  return new Ed25519Key(createPrivateKey(pem));
}

class Ed25519Key implements HostKey {
  readonly id: string;
  readonly publicKey: string;
  readonly #privateKey: KeyObject;

  constructor(privateKey: KeyObject) {
    const { x } = createPublicKey(privateKey).export({ format: "jwk" });
    if (privateKey.asymmetricKeyType !== "ed25519" || x === undefined) {
      throw new TypeError("not a private key of Ed25519");
    }
    this.#privateKey = privateKey;
    this.publicKey = x;
    this.id = hostIdOfKey(x)!;
  }

  sign(message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, message, this.#privateKey));
  }

  toPem(): string {
    return this.#privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  }
}

function hostIdOfKey(publicKey: string): string | null {
  if (!PUBLIC_KEY.test(publicKey)) return null;
  const bytes = Uint8Array.fromBase64(publicKey, { alphabet: "base64url" });
  return hash("sha256", bytes, "hex").slice(0, 2 * ID_BYTES);
}

/** Public keys kept ready: as many as a LAN commonly has hosts. */
const MAX_READY_KEYS = 1_000;

/** Proof by Ed25519. */
export class Ed25519 implements Signatures {
  /** The one used last at the end. */
  readonly #ready = new Map<string, KeyObject>();

  idOf(publicKey: string): string | null {
    return hostIdOfKey(publicKey);
  }

  verify(
    publicKey: string,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    const key = this.#ready.get(publicKey) ?? readPublicKey(publicKey);
    this.#ready.delete(publicKey);
    this.#ready.set(publicKey, key);
    if (this.#ready.size > MAX_READY_KEYS) {
      this.#ready.delete(this.#ready.keys().next().value!);
    }
    return verify(null, message, key, signature);
  }
}

function readPublicKey(x: string): KeyObject {
  const key = { kty: "OKP", crv: "Ed25519", x };
  return createPublicKey({ key, format: "jwk" });
}
