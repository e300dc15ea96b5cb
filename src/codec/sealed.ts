/**
 * An encrypted datagram:
 *
 *     5 bytes   "dskd" and 1, the version of this format
 *     4 bytes   id of the key
 *     12 bytes  nonce, fresh for each datagram
 *     n bytes   a whole datagram, AES-256-GCM
 *     16 bytes  the tag, which authenticates all of these bytes
 *
 * It does not begin with `diskd:`, so App::Diskd 0.01, and a diskd without
 * keys, ignores it.
 */

const MAGIC = new TextEncoder().encode("dskd\x01");
export const KEY_ID_BYTES = 4;
const NONCE_AT = MAGIC.length + KEY_ID_BYTES;
/** The nonce length recommended for AES-GCM, NIST SP 800-38D, section 5.2.1.1. */
export const NONCE_BYTES = 12;
export const HEAD_BYTES = NONCE_AT + NONCE_BYTES;
/** The longest tag, NIST SP 800-38D, section 5.2.1.2. */
export const TAG_BYTES = 16;

/** Bytes added to a datagram by encryption. */
export const SEAL_BYTES = HEAD_BYTES + TAG_BYTES;

/** The pieces of an encrypted datagram, not yet authenticated. */
export interface SealedDatagram {
  readonly keyId: string;
  /** Sent in the clear, and authenticated with the rest. */
  readonly head: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
  readonly tag: Uint8Array;
}

/** Splits an encrypted datagram; `null` if it is none. */
export function splitSealed(bytes: Uint8Array): SealedDatagram | null {
  if (bytes.length < SEAL_BYTES || !hasMagic(bytes)) return null;
  return {
    keyId: bytes.subarray(MAGIC.length, NONCE_AT).toHex(),
    head: bytes.subarray(0, HEAD_BYTES),
    nonce: bytes.subarray(NONCE_AT, HEAD_BYTES),
    sealed: bytes.subarray(HEAD_BYTES, bytes.length - TAG_BYTES),
    tag: bytes.subarray(bytes.length - TAG_BYTES),
  };
}

/** A buffer for the encrypted datagram of a message of this length, with its head filled in. */
export function startSealed(
  messageBytes: number,
  { keyId, nonce }: { readonly keyId: string; readonly nonce: Uint8Array },
): Uint8Array {
  const bytes = new Uint8Array(messageBytes + SEAL_BYTES);
  bytes.set(MAGIC);
  bytes.set(Uint8Array.fromHex(keyId), MAGIC.length);
  bytes.set(nonce, NONCE_AT);
  return bytes;
}

function hasMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * The last line of a datagram of who has a shared key:
 *
 *     #mac 9f0c2a7b vFVLEB4BgjQFLjGMCkBLOw4PnDoAGqAq0BJ1rJdbHSI=
 *
 * The id of the key, and the HMAC of every byte before the line. For YAML, and
 * so for App::Diskd 0.01, it is a comment.
 */

/** A datagram with such a line, not yet verified. */
export interface MacDatagram {
  /** Everything before the line. */
  readonly message: Uint8Array;
  readonly keyId: string;
  /** The HMAC as received: base64, in ASCII. */
  readonly mac: Uint8Array;
}

const START = "#mac ";
const KEY_ID_LENGTH = 8;
/** 32 bytes in base64. */
const MAC_LENGTH = 44;

/** Bytes added to a datagram by the line. */
export const MAC_LINE_BYTES = START.length + KEY_ID_LENGTH + " ".length +
  MAC_LENGTH + "\n".length;

const NEWLINE = 0x0a;
const LINE = /^#mac ([0-9a-f]{8}) [0-9A-Za-z+/]{43}=\n$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Removes the line; `null` if there is none. */
export function splitMac(bytes: Uint8Array): MacDatagram | null {
  const end = bytes.length - MAC_LINE_BYTES;
  if (end < 1 || bytes[end - 1] !== NEWLINE) return null;
  const keyId = LINE.exec(decoder.decode(bytes.subarray(end)))?.[1];
  if (keyId === undefined) return null;
  return {
    message: bytes.subarray(0, end),
    keyId,
    mac: bytes.subarray(bytes.length - MAC_LENGTH - 1, bytes.length - 1),
  };
}

/** The datagram before a key authenticated it, or as it is. */
export function withoutMac(bytes: Uint8Array): Uint8Array {
  return splitMac(bytes)?.message ?? bytes;
}

/** Appends the line to `message`; `mac` is base64. */
export function joinMac(
  message: Uint8Array,
  { keyId, mac }: { readonly keyId: string; readonly mac: string },
): Uint8Array {
  const bytes = new Uint8Array(message.length + MAC_LINE_BYTES);
  bytes.set(message);
  encoder.encodeInto(
    `${START}${keyId} ${mac}\n`,
    bytes.subarray(message.length),
  );
  return bytes;
}
