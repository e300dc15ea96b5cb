import { eastAsianWidth } from "get-east-asian-width";

const NOT_ASCII = /[^\x20-\x7e]/;
/** Drawn over the character before them. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]$/u;

/**
 * Columns that printable text takes on a terminal: wide characters two,
 * combining ones none (UAX #11). It looks at one character at a time, which is
 * right for what `printable` returns: that has no joined emoji.
 */
export function displayWidth(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `displayWidth` of each. Ten thousand cells of ASCII are recognized as such at one go. */
export function displayWidths(texts: readonly string[]): number[] {
  return NOT_ASCII.test(texts.join(""))
    ? texts.map(displayWidth)
    : texts.map((text) => text.length);
}

/** `text` if it fits into so many columns, else its beginning and `…`. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function characterWidth(character: string): number {
  if (!NOT_ASCII.test(character)) return 1;
  return NO_WIDTH.test(character)
    ? 0
    : eastAsianWidth(character.codePointAt(0)!);
}
