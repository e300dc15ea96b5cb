/** Texts that drive a terminal, hide, or pretend to be something else where they are shown raw, or run where they reach a shell or a spreadsheet. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  "clears the screen": "\x1b[2J\x1b[H",
  "sets the title": "\x1b]0;owned\x07",
  "answers for the user": "\x1b[5n\x1b[6n\x05",
  "C1 controls": "\x9b31m\x90q\x9c\x85",
  "deletes": "abc\b\b\b\x7f",
  "more lines": "a\nalpha  /dev/sda\r\nb\vc\f",
  "turns the writing around": "\u202etxt.exe\u2066\u2069\u200f",
  "invisible": "a\u200b\u200c\u200d\u2060\ufeff\u00ad\u{e0041}b",
  "line separators": "a\u2028b\u2029c",
  "not characters": "\ufffe\uffff\u{1fffe}",
  "a formula": "=cmd|' /C calc'!A0",
  "another formula": "@SUM(1+1)*cmd|' /C calc'!A0",
  "an option": "--help",
  "short options": "-rf /",
  "a shell line": "$(reboot)`reboot`;reboot|reboot&&reboot",
  "quotes": `"'"'\\"; reboot #`,
  "a path": "../../../../etc/shadow",
  "a page": "<script>alert(1)</script>",
};

/** What must never be on a screen: the characters that a terminal obeys or hides. Line ends, and the colours of diskd itself, are taken out before. */
const RAW =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\u{1fffe}\u{e0000}-\u{e0fff}]/u;

// deno-lint-ignore no-control-regex
const OWN_COLOURS = /\x1b\[[0-9;]*m/g;

/** The first character in it that must not reach a screen, and what is around it; `null` when there is none. */
export function rawText(shown: string): string | null {
  const text = shown.replaceAll(OWN_COLOURS, "").replaceAll(/\r*\n/g, " ");
  const found = RAW.exec(text);
  if (found === null) return null;
  return JSON.stringify(text.slice(Math.max(found.index - 30, 0)).slice(0, 60));
}
