/**
 * A key as it is printed and kept: `dk1_` and 32 random bytes in base64url
 * (RFC 4648, section 5) without padding.
 */

const START = "dk1_";
/** Of what a key is made. */
export const KEY_BYTES = 32;
/** Their length in base64url. */
const ENCODED_LENGTH = 43;
const KEY = /^dk1_([0-9A-Za-z_-]{43})$/;

/** What `parseKey` expects, to follow the word "expected". */
export const KEY_EXPECTED =
  `one line, ${START} and ${ENCODED_LENGTH} letters, digits, - and _, as diskd key new prints it`;

export function formatKey(secret: Uint8Array): string {
  return START + secret.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The bytes of a key; `null` where the text is none. */
export function parseKey(text: string): Uint8Array | null {
  const encoded = KEY.exec(text)?.[1];
  if (encoded === undefined) return null;
  const secret = Uint8Array.fromBase64(encoded, { alphabet: "base64url" });
  // The last letter has two bits to spare: so only one text stands for a key.
  return formatKey(secret) === text ? secret : null;
}
