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

/**
 * Texts that are small and become large, deep or slow in a reader that does
 * not see them coming.
 */

/** Names of the cases, and their texts. */
export type Bombs = readonly (readonly [name: string, text: string])[];

/** A reader that calls itself for each level runs out of stack somewhere here. */
const DEEP = 10_000;

/** Each of at most so many characters; whole JSON, but where its name says otherwise. Lists and objects are 10,000 levels deep where there is room for it. */
export function jsonBombs(maxChars: number): Bombs {
  const levels = (perLevel: number) =>
    Math.min(DEEP, Math.floor((maxChars - 1) / perLevel));
  const long = maxChars - 10;
  return [
    ["lists in lists", nested(["[", "]"], levels(2))],
    ["objects in objects", nested(['{"a":', "}"], levels(6), "1")],
    ["lists that never close", "[".repeat(levels(1))],
    ["lists that never open", "]".repeat(levels(1))],
    ["a number of many digits", "1".repeat(long)],
    ["a number that is too large", `1e${"9".repeat(long)}`],
    ["nothing but spaces", " ".repeat(long)],
    ["a long key", `{"${"k".repeat(long)}":1}`],
    ["many keys", `{${times(long / 10, (i) => `"k${i}":1`).join(",")}}`],
    ["one key many times", `{${times(long / 7, () => '"k":[]').join(",")}}`],
    ["a text of backslashes", `"${"\\".repeat(Math.floor(long / 2) * 2)}"`],
    ["many texts", `[${times(long / 4, () => '"a"').join(",")}]`],
    ["the keys that every object has", '{"__proto__":{"a":1},"constructor":0}'],
  ];
}

/** None longer than what 0.01 could send. */
export const YAML_BOMBS: Bombs = [
  ["aliases of aliases", laughs(9)],
  ["thirty levels of aliases", laughs(30)],
  ["an alias of what it is in", "&a [*a, *a]"],
  ["merged aliases", mergedLaughs()],
  ["lists in flow style very deep", nested(["[", "]"], DEEP)],
  ["maps in flow style very deep", nested(["{a: ", "}"], DEEP)],
  ["flow style that never closes", "[".repeat(DEEP)],
  ["maps that never close", "{a: ".repeat(DEEP)],
  ["lists in block style very deep", "- ".repeat(DEEP)],
  ["keys of keys", "? ".repeat(DEEP)],
  [
    "maps in block style, each deeper than the last",
    times(300, (i) => `${" ".repeat(i)}a:`).join("\n"),
  ],
  ["a long key", `${"k".repeat(60_000)}: 1`],
  ["a key of many lines", `${"k\n ".repeat(20_000)}: 1`],
  ["many keys", times(5_000, (i) => `k${i}: 1`).join("\n")],
  ["a long anchor", `&${"a".repeat(60_000)} b`],
  ["many anchors", times(6_000, (i) => `- &a${i}`).join("\n")],
  ["many tags", times(8_000, () => "- !!set").join("\n")],
  ["a long tag", `!${"t".repeat(60_000)} b`],
  ["many quotes", `"${'\\"'.repeat(20_000)}"`],
  ["a quote that never closes", `"${" a".repeat(30_000)}`],
  ["a folded text of many lines", `>\n${" a\n".repeat(20_000)}`],
  ["nothing but empty lines", "\n".repeat(60_000)],
  ["nothing but comments", "#\n".repeat(30_000)],
  ["many documents", "---\n".repeat(15_000)],
  ["many directives", "%YAML 1.2\n".repeat(6_000)],
  ["nothing but colons", ":".repeat(60_000)],
  ["nothing but dashes", "-".repeat(60_000)],
  ["nothing but tabs", "\t".repeat(60_000)],
  ["a program's object", "!!js/function 'function () { return 1 }'"],
];

/** Each level has nine of the one before: nine to the power of `levels`. */
function laughs(levels: number): string {
  const nine = (of: string) => `[${Array(9).fill(of).join(",")}]`;
  const lines = times(
    levels,
    (i) => `a${i}: &a${i} ${nine(i === 0 ? "x" : `*a${i - 1}`)}`,
  );
  return `${lines.join("\n")}\n`;
}

function mergedLaughs(): string {
  const lines = times(
    500,
    (i) => `a${i}: &a${i} {k${i}: 1${i === 0 ? "" : `, <<: *a${i - 1}`}}`,
  );
  return `${lines.join("\n")}\n`;
}

function nested(
  [open, close]: readonly [string, string],
  levels: number,
  inmost = "",
): string {
  return open.repeat(levels) + inmost + close.repeat(levels);
}

function times<Item>(count: number, make: (i: number) => Item): Item[] {
  return Array.from({ length: Math.floor(count) }, (_, i) => make(i));
}
