import assert from "node:assert/strict";
import { percentile } from "../../bench/percentile.ts";

Deno.test("percentile() takes the nearest rank", () => {
  const samples = Array.from({ length: 50 }, (_, i) => 50 - i);
  assert.equal(percentile(samples, 0), 1);
  assert.equal(percentile(samples, 50), 25);
  assert.equal(percentile(samples, 98), 49);
  assert.equal(percentile(samples, 99), 50);
  assert.equal(percentile([7], 50), 7);
  assert.ok(Number.isNaN(percentile([], 50)));
});
