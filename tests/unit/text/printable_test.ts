import assert from "node:assert/strict";
import fc from "fast-check";
import { printable, printableJson } from "../../../src/text/printable.ts";

Deno.test("printable() leaves what is harmless as it is", () => {
  const texts = [
    "",
    "backup-2019",
    "My Disk",
    "Ünï",
    "写真",
    "💾",
    "⚠️",
    "C:\\new",
    "a\\",
    "'\"$(rm)`",
  ];
  for (const text of texts) assert.equal(printable(text), text);
});

Deno.test("printable() shows what a terminal would obey or hide", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["\x1b[31mred", "\\x1b[31mred"],
    ["a\nb\r\tc\0", "a\\x0ab\\x0d\\x09c\\x00"],
    ["\x7f\x80\x9b31m", "\\x7f\\x80\\x9b31m"],
    ["\u202eevil\u2066\u200f", "\\u202eevil\\u2066\\u200f"],
    [
      "zero\u200bwidth\u200d\ufeff\u2060",
      "zero\\u200bwidth\\u200d\\ufeff\\u2060",
    ],
    ["a\u2028b\u2029c\u0085", "a\\u2028b\\u2029c\\x85"],
    ["\ud83d!\udcbe", "\\ud83d!\\udcbe"],
    ["\u{e0041}\ufffe\u3164\u00ad", "\\u{e0041}\\ufffe\\u3164\\xad"],
  ];
  for (const [text, shown] of cases) assert.equal(printable(text), shown);
});

Deno.test("printable() doubles a backslash only where it would be misread", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["\\x1b", "\\\\x1b"],
    ["é\\x1b", "é\\\\x1b"],
    ["\x1b\\x1b", "\\x1b\\\\x1b"],
    ["\\\x1b", "\\\\\\x1b"],
    ["C:\\dir\x1b", "C:\\dir\\x1b"],
    ["\x1b\\", "\\x1b\\"],
    ["\x1b\\\\", "\\x1b\\\\\\"],
  ];
  for (const [text, shown] of cases) assert.equal(printable(text), shown);
});

/** What `printable` did, undone. */
function unprintable(shown: string): string {
  return shown.replace(
    /\\(?:(\\)|x(..)|u\{(.+?)\}|u(....))/gu,
    (_, backslash, ...hex) => {
      if (backslash !== undefined) return "\\";
      const digits = hex.find((found) => found !== undefined);
      return String.fromCodePoint(parseInt(digits, 16));
    },
  );
}

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "\\",
      "x",
      "u",
      "{",
      "}",
      "1",
      "b",
      "\x1b",
      "\u202e",
      "\ud83d",
      "\u{e0041}",
      "é",
    ),
    fc.integer({ min: 0, max: 0xffff }).map((unit) =>
      String.fromCharCode(unit)
    ),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

Deno.test("printable() shows two different texts differently", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      assert.equal(unprintable(printable(text)), text);
    }),
    { numRuns: 2000 },
  );
});

const TERMINAL_OBEYS =
  /[\p{Cc}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

Deno.test("printable() lets no control character through", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      assert.doesNotMatch(printable(text), TERMINAL_OBEYS);
      assert.ok(printable(text).isWellFormed());
    }),
    { numRuns: 2000 },
  );
});

Deno.test("printableJson() means the same and lets no control character through", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = printableJson(JSON.stringify({ [text]: text }, null, 2));
      assert.doesNotMatch(shown.replaceAll("\n", ""), TERMINAL_OBEYS);
      assert.deepEqual(JSON.parse(shown), { [text]: text });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("printableJson() writes characters beyond the BMP as surrogates", () => {
  assert.equal(printableJson('"\u{e0041}é"'), '"\\udb40\\udc41é"');
});
