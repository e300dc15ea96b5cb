/**
 * The last line of a signed datagram:
 *
 *     #sig 9f0c2a7b vFVLEB4BgjQFLjGMCkBLOw4PnDoAGqAq0BJ1rJdbHSI=
 *
 * The id of a key, and the HMAC of every byte before the line. To YAML, and so
 * to App::Diskd 0.01, it is a comment.
 */

/** A datagram that ends with such a line. What it says is not yet compared with anything. */
export interface SignedDatagram {
  /** All before the line. */
  readonly message: Uint8Array;
  readonly keyId: string;
  /** The HMAC as it stands there: base64, in ASCII. */
  readonly mac: Uint8Array;
}

const START = "#sig ";
const KEY_ID_LENGTH = 8;
/** 32 bytes in base64. */
const MAC_LENGTH = 44;

/** What a signature adds to a datagram, in bytes. */
export const SIGNATURE_LINE_BYTES = START.length + KEY_ID_LENGTH + " ".length +
  MAC_LENGTH + "\n".length;

const NEWLINE = 0x0a;
const LINE = /^#sig ([0-9a-f]{8}) [0-9A-Za-z+/]{43}=\n$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Takes the signature line off a datagram; `null` where the last line is none. */
export function splitSigned(bytes: Uint8Array): SignedDatagram | null {
  const end = bytes.length - SIGNATURE_LINE_BYTES;
  if (end < 1 || bytes[end - 1] !== NEWLINE) return null;
  const keyId = LINE.exec(decoder.decode(bytes.subarray(end)))?.[1];
  if (keyId === undefined) return null;
  return {
    message: bytes.subarray(0, end),
    keyId,
    mac: bytes.subarray(bytes.length - MAC_LENGTH - 1, bytes.length - 1),
  };
}

/** `message` with its signature line; `mac` is base64. */
export function joinSigned(
  message: Uint8Array,
  { keyId, mac }: { readonly keyId: string; readonly mac: string },
): Uint8Array {
  const bytes = new Uint8Array(message.length + SIGNATURE_LINE_BYTES);
  bytes.set(message);
  encoder.encodeInto(
    `${START}${keyId} ${mac}\n`,
    bytes.subarray(message.length),
  );
  return bytes;
}
