/**
 * Texts as they stand in a datagram: within double quotes, read alike by JSON
 * (RFC 8259, section 7) and by YAML 1.1 (section 5.1 and 7.3.1 of its text).
 */

/**
 * Characters that JSON leaves as they are and libyaml 0.2.5 does not bear, in
 * comments neither: DEL and the C1 controls, the line ends of Unicode, the byte
 * order mark and the two that are no characters.
 */
const NOT_IN_YAML = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

const ELLIPSIS = "\u2026";

const encoder = new TextEncoder();

/** Length in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Quotes a text. Characters beyond U+FFFF stay as they are, since libyaml
 * refuses them escaped as surrogates; half a surrogate pair becomes U+FFFD.
 */
export function quoteText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(NOT_IN_YAML, escape);
}

/** The text, or as much of its beginning as takes `maxBytes` when quoted, with an ellipsis for the rest. At least the ellipsis. */
export function cutText(text: string, maxBytes: number): string {
  if (quotedBytes(text) <= maxBytes) return text;
  let room = maxBytes - quotedBytes(ELLIPSIS);
  let end = 0;
  for (const character of text) {
    room -= quotedBytes(character) - quotedBytes("");
    if (room < 0) break;
    end += character.length;
  }
  return text.slice(0, end) + ELLIPSIS;
}

/** What a text takes in a datagram, its quotes included, in bytes. */
export function quotedBytes(text: string): number {
  return byteLength(quoteText(text));
}

function escape(character: string): string {
  return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
}
