import assert from "node:assert/strict";
import { parseDuration } from "../../../src/config/duration.ts";

Deno.test("parseDuration() reads seconds and units", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["30", 30_000],
    ["30s", 30_000],
    ["500ms", 500],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    ["10 s", 10_000],
    ["", null],
    ["s", null],
    ["-1", null],
    ["1d", null],
    ["1m30s", null],
    ["1e3", null],
    ["1.", null],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseDuration(text), expected, text);
  }
});
