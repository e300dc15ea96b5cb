/**
 * Texts of a datagram in double quotes, read alike by JSON (RFC 8259, section
 * 7) and YAML 1.1 (sections 5.1 and 7.3.1).
 */

/**
 * Characters valid in JSON but rejected by libyaml 0.2.5, even in comments: DEL
 * and the C1 controls, Unicode line ends, the byte order mark and two
 * noncharacters.
 */
const NOT_IN_YAML = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

const ELLIPSIS = "\u2026";

const encoder = new TextEncoder();

/** Length in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Quotes a text. Characters beyond U+FFFF stay unescaped, because libyaml
 * rejects escaped surrogates; an unpaired surrogate becomes U+FFFD.
 */
export function quoteText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(NOT_IN_YAML, escape);
}

/**
 * Cuts a text to at most `maxBytes` when quoted, with an ellipsis for the rest.
 * Returns at least the ellipsis.
 */
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

/** Length of a text in a datagram, including its quotes, in bytes. */
export function quotedBytes(text: string): number {
  return byteLength(quoteText(text));
}

function escape(character: string): string {
  return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
}
