/**
 * The last line of what a host says:
 *
 *     #sig vFVLEB4BgjQFLjGMCkBLOw4PnDoAGqAq0BJ1rJdbHSI...
 *
 * The host's Ed25519 signature of every byte before the line, in base64url
 * without padding. For YAML, and so for App::Diskd 0.01, it is a comment.
 */

/** A datagram with such a line, not yet checked. */
export interface SignedDatagram {
  /** Everything before the line. */
  readonly message: Uint8Array;
  /** The signature as sent, in ASCII. */
  readonly text: Uint8Array;
}

const START = new TextEncoder().encode("#sig ");
const TEXT_LENGTH = 86;
const NEWLINE = 0x0a;

/** Bytes added to a datagram by its signature. */
export const SIGNATURE_LINE_BYTES = START.length + TEXT_LENGTH + 1;

/** 86 characters hold 4 bits more than a signature. Those must be 0, so that a signature has a single form. */
const TEXT = /^[0-9A-Za-z_-]{85}[AQgw]$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Removes the line; `null` if there is none. */
export function splitSignature(bytes: Uint8Array): SignedDatagram | null {
  const end = bytes.length - SIGNATURE_LINE_BYTES;
  if (end < 1 || bytes[end - 1] !== NEWLINE) return null;
  if (bytes.at(-1) !== NEWLINE) return null;
  if (START.some((byte, i) => bytes[end + i] !== byte)) return null;
  const message = bytes.subarray(0, end);
  return { message, text: bytes.subarray(end + START.length, -1) };
}

/** The signature; `null` if the text is none, or not its only form. */
export function decodeSignature({ text }: SignedDatagram): Uint8Array | null {
  const decoded = decoder.decode(text);
  if (!TEXT.test(decoded)) return null;
  return Uint8Array.fromBase64(decoded, { alphabet: "base64url" });
}

/** Appends the line to `message`. */
export function joinSignature(
  message: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(message.length + SIGNATURE_LINE_BYTES);
  bytes.set(message);
  bytes.set(START, message.length);
  const text = signature.toBase64({ alphabet: "base64url", omitPadding: true });
  encoder.encodeInto(
    `${text}\n`,
    bytes.subarray(message.length + START.length),
  );
  return bytes;
}
