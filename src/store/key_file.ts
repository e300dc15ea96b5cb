import { readSecretFile } from "./secret_file.ts";

/** Result of reading a key file. */
export type KeyFile =
  | { readonly kind: "key"; readonly secret: Uint8Array }
  | {
    /** `denied`: there may be a valid key, but this user may not read it. */
    readonly kind: "denied" | "refused";
    /** The problem and its remedy, continuing a sentence begun with the path. */
    readonly reason: string;
  };

/** A key is shorter, but reading more allows a better message about other files. */
export const MAX_KEY_FILE_BYTES = 1024;

/**
 * Reads a key. The file must belong to root or to `uid`, and be inaccessible to
 * others: a key readable by others proves nothing, and others who can write it
 * choose the key. Never throws.
 */
export function readKeyFile(
  path: string,
  { uid }: { readonly uid: number | null },
): KeyFile {
  const found = readSecretFile(path, {
    uid,
    maxBytes: MAX_KEY_FILE_BYTES,
    noun: "key",
    expected: KEY_EXPECTED,
    whenMissing:
      "make a key with: diskd key new, and store it there with mode 0600",
  });
  if (found.kind !== "text") return found;
  const text = found.text.trimEnd();
  const secret = parseKey(text);
  if (secret !== null) return { kind: "key", secret };
  const reason = `${describeContent(text)}; expected ${KEY_EXPECTED}`;
  return { kind: "refused", reason };
}

/** Describes the contents of a file without a key, revealing nothing of a possible key. */
function describeContent(text: string): string {
  if (text === "") return "is empty";
  const lines = text.split("\n").length;
  return lines > 1 ? `holds ${lines} lines` : "holds something that is no key";
}

/**
 * A key as printed and stored: `dk1_` and 32 random bytes in base64url (RFC
 * 4648, section 5) without padding.
 */

const START = "dk1_";
/** Length of a key. */
export const KEY_BYTES = 32;
/** Its length in base64url. */
const ENCODED_LENGTH = 43;
const KEY = /^dk1_([0-9A-Za-z_-]{43})$/;

/** The format of a key, to follow the word "expected". */
const KEY_EXPECTED =
  `one line, ${START} and ${ENCODED_LENGTH} letters, digits, - and _, as diskd key new prints it`;

export function formatKey(secret: Uint8Array): string {
  return START + secret.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The bytes of a key; `null` for any other text. */
export function parseKey(text: string): Uint8Array | null {
  const encoded = KEY.exec(text)?.[1];
  if (encoded === undefined) return null;
  const secret = Uint8Array.fromBase64(encoded, { alphabet: "base64url" });
  // The last letter has two unused bits: only one text is valid for a key.
  return formatKey(secret) === text ? secret : null;
}
