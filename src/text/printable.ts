/**
 * Characters that a terminal obeys or hides: controls (C0, DEL, C1), format
 * characters (bidi controls, zero width), separators of lines and paragraphs,
 * lone surrogates, noncharacters, and what is invisible by default (fillers),
 * but for the two variation selectors that belong to common emoji.
 * Categories and properties are those of Unicode, UAX #44.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]|(?![\u{fe0e}\u{fe0f}])\p{Default_Ignorable_Code_Point}/gu;

/** Any text without these is shown as it is: most are, so this has to be fast. */
const MAY_NEED_ESCAPES = /[^\x20-\x5b\x5d-\x7e]/;

/** A backslash that would read as the start of an escape, once escapes are written. */
const AMBIGUOUS_BACKSLASH = /\\(?=[\\xu]|$)/g;

/**
 * Text from a disk or from the network, safe to print: one line, nothing that
 * moves the cursor, changes colours or turns the direction of writing. What is
 * unsafe becomes `\x1b`, `\u202e`, `\u{e0001}`; a backslash is doubled only
 * where it would be read as one of these, so that each text looks different.
 */
export function printable(text: string): string {
  if (!MAY_NEED_ESCAPES.test(text)) return text;
  let shown = "";
  let from = 0;
  for (const match of text.matchAll(UNSAFE)) {
    shown += showBackslashes(text.slice(from, match.index), true);
    shown += escape(match[0].codePointAt(0)!);
    from = match.index + match[0].length;
  }
  return shown + showBackslashes(text.slice(from), false);
}

/** The start of a text that may be long, safe to print, as for a message. */
export function printableStart(text: string, maxLength = 80): string {
  return text.length > maxLength
    ? `${printable(text.slice(0, maxLength))}...`
    : printable(text);
}

/** Whether `printable` has nothing to escape in `text`, backslashes apart. */
export function isPrintable(text: string): boolean {
  return text.search(UNSAFE) === -1;
}

/** One before an escape would escape the escape; one at the very end is harmless. */
function showBackslashes(safe: string, beforeEscape: boolean): string {
  return safe.replace(AMBIGUOUS_BACKSLASH, (backslash, offset: number) => {
    const harmless = !beforeEscape && offset === safe.length - 1;
    return harmless ? backslash : "\\\\";
  });
}

function escape(codePoint: number): string {
  const hex = codePoint.toString(16);
  if (codePoint <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  if (codePoint <= 0xffff) return `\\u${hex.padStart(4, "0")}`;
  return `\\u{${hex}}`;
}

/**
 * JSON that is safe to print and means the same: the unsafe characters, which
 * stand only in its strings, are written as `\u` escapes.
 */
export function printableJson(json: string): string {
  if (!/[^\x20-\x7e\n]/.test(json)) return json;
  return json.replace(UNSAFE, (character) => {
    if (character === "\n") return character;
    let escaped = "";
    for (let unit = 0; unit < character.length; unit++) {
      const hex = character.charCodeAt(unit).toString(16);
      escaped += `\\u${hex.padStart(4, "0")}`;
    }
    return escaped;
  });
}
