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
