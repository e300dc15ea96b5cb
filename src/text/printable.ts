/**
 * Characters that control a terminal or hide in it: controls (C0, DEL, C1),
 * format characters (bidi controls, zero width), line and paragraph separators,
 * lone surrogates, noncharacters, and characters invisible by default
 * (fillers), except the two variation selectors of common emoji. Categories and
 * properties are those of Unicode, UAX #44.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]|(?![\u{fe0e}\u{fe0f}])\p{Default_Ignorable_Code_Point}/gu;

/** Text without these characters is printed unchanged. Most text is, so this must be fast. */
const MAY_NEED_ESCAPES = /[^\x20-\x5b\x5d-\x7e]/;

/** A backslash that would look like the start of an escape. */
const AMBIGUOUS_BACKSLASH = /\\(?=[\\xu]|$)/g;

/**
 * Makes text from a disk or from the network safe to print: a single line that
 * cannot move the cursor, change colours or reverse the writing direction.
 * Unsafe characters become `\x1b`, `\u202e`, `\u{e0001}`. A backslash is
 * doubled only where it would look like such an escape, so different texts stay
 * different.
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

/** The start of a possibly long text, safe to print in a message. */
export function printableStart(text: string, maxLength = 80): string {
  return text.length > maxLength
    ? `${printable(text.slice(0, maxLength))}...`
    : printable(text);
}

/** Whether `printable` would escape nothing in `text` except backslashes. */
export function isPrintable(text: string): boolean {
  return text.search(UNSAFE) === -1;
}

/** Doubles a backslash before an escape; at the very end it is harmless. */
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
 * Makes JSON safe to print without changing its meaning: unsafe characters,
 * which occur only in its strings, become `\u` escapes.
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
