import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cutText,
  quotedBytes,
  quoteText,
} from "../../../src/codec/quote_text.ts";
import { anyText } from "./hostile.ts";

const QUOTED: [string, string][] = [
  ["", '""'],
  ["backup", '"backup"'],
  ['a"b\\c/', String.raw`"a\"b\\c/"`],
  ["\n\t\x1b\0", String.raw`"\n\t\u001b\u0000"`],
  ["\x7f\x80\x85\x9f", String.raw`"\u007f\u0080\u0085\u009f"`],
  ["\u2028\u2029", String.raw`"\u2028\u2029"`],
  ["\ufeff\ufffe\uffff", String.raw`"\ufeff\ufffe\uffff"`],
  ["\u00a0\u00e9\u4e2d\u{1f4be}", '"\u00a0\u00e9\u4e2d\u{1f4be}"'],
  ["\ud83d", '"\ufffd"'],
  ["\ude00x", '"\ufffdx"'],
];

for (const [text, quoted] of QUOTED) {
  Deno.test(`quoteText() writes ${JSON.stringify(text)} as JSON and YAML bear it`, () => {
    assert.equal(quoteText(text), quoted);
  });
}

Deno.test("quoteText() writes nothing that YAML 1.1 does not print", () => {
  fc.assert(fc.property(anyText(), (text) => {
    assert.match(
      quoteText(text),
      /^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u,
    );
  }));
});

Deno.test("cutText() leaves a text that fits", () => {
  assert.equal(cutText("backup", 8), "backup");
  assert.equal(cutText("\n\n", 6), "\n\n");
});

Deno.test("cutText() ends what it cuts with an ellipsis", () => {
  assert.equal(cutText("backup", 7), "ba\u2026");
  assert.equal(cutText("\n\nx", 6), "\u2026");
  assert.equal(cutText("\n\nxy", 7), "\n\u2026");
});

Deno.test("cutText() does not cut a character in two", () => {
  const disks = "\u{1f4be}\u{1f4be}\u{1f4be}";
  assert.equal(cutText(disks, 12), "\u{1f4be}\u2026");
  assert.equal(cutText(disks, 8), "\u2026");
});

Deno.test("cutText() keeps within its bytes, and uses them", () => {
  const room = fc.integer({ min: 5, max: 80 });
  fc.assert(fc.property(anyText(), room, (text, maxBytes) => {
    const cut = cutText(text, maxBytes);
    assert.ok(quotedBytes(cut) <= maxBytes);
    if (cut === text) return;
    assert.ok(text.startsWith(cut.slice(0, -1)));
    assert.ok(quotedBytes(cut) > maxBytes - 6);
  }));
});
