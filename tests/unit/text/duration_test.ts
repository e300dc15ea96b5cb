import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../../src/text/duration.ts";

Deno.test("parseDuration() reads seconds and units", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["30", 30_000],
    ["30s", 30_000],
    ["500ms", 500],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    ["10 s", 10_000],
    ["1d", 86_400_000],
    ["2w", 1_209_600_000],
    ["", null],
    ["s", null],
    ["-1", null],
    ["1y", null],
    ["1m30s", null],
    ["1e3", null],
    ["1.", null],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseDuration(text), expected, text);
  }
});

Deno.test("parseDuration() takes a number without a unit as it is told to", () => {
  assert.equal(parseDuration("2", { unitless: null }), null);
  assert.equal(parseDuration("2", { unitless: "d" }), 172_800_000);
  assert.equal(parseDuration("2s", { unitless: null }), 2_000);
});

Deno.test("parseDuration() reads what formatDuration() writes", () => {
  assert.equal(formatDuration(0), "0s");
  assert.equal(formatDuration(2_500), "2.5s");
  assert.equal(formatDuration(90_000), "90s");
  assert.equal(formatDuration(5_400_000), "90m");
  assert.equal(formatDuration(691_200_000), "8d");
  const upTo10Years = fc.nat(10 * 365 * 86_400_000);
  fc.assert(fc.property(upTo10Years, (ms) => {
    assert.equal(parseDuration(formatDuration(ms)), ms);
  }));
});
