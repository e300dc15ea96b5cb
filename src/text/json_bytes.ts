/** Characters that JSON writes as they are, a byte each. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Length of a text as JSON in UTF-8, with its quotes, in bytes. */
export function jsonBytes(text: string): number {
  let bytes = text.length + QUOTES;
  if (PLAIN.test(text)) return bytes;
  for (let i = 0; i < text.length; i++) bytes += moreBytes(text.charCodeAt(i));
  return bytes;
}

/** Beyond the first. A surrogate is half of a character of four bytes. */
function moreBytes(code: number): number {
  if (code < 0x20) return SHORT_ESCAPES.has(code) ? 1 : "u0001".length;
  if (code < 0x80) return code === QUOTE || code === BACKSLASH ? 1 : 0;
  if (code < 0x800) return 1;
  return code >= 0xd800 && code < 0xe000 ? 1 : 2;
}

const QUOTES = 2;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Such as `\n`. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);
