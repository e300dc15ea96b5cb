import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesGlob } from "../../../src/text/glob.ts";

Deno.test("matchesGlob() knows * and ? and takes all else as it is", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["eth0", "eth0", true],
    ["eth0", "eth", false],
    ["eth0", "eth*", true],
    ["eth0", "eth?", true],
    ["eth10", "eth?", false],
    ["eth0", "*", true],
    ["eth0", "*0", true],
    ["eth0", "e*h*0", true],
    ["br-a1", "br-*", true],
    ["abcabd", "*abd", true],
    ["eth0", "e.h0", false],
    ["eth0", "[e]th0", false],
    ["", "", true],
    ["", "*", true],
    ["", "?", false],
  ];
  for (const [text, pattern, expected] of cases) {
    assert.equal(matchesGlob(text, pattern), expected, `${text} ${pattern}`);
  }
});

Deno.test("matchesGlob() agrees with the same pattern as a regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  const pattern = fc.string({
    unit: fc.constantFrom("a", "b", "*", "?"),
    maxLength: 6,
  });
  fc.assert(fc.property(text, pattern, (text, pattern) => {
    const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
    const expected = new RegExp(`^${source}$`).test(text);
    assert.equal(matchesGlob(text, pattern), expected);
  }));
});

Deno.test("matchesGlob() does not blow up on many stars", () => {
  const text = "a".repeat(2000);
  assert.equal(matchesGlob(text, "*a".repeat(500) + "b"), false);
});
