import assert from "node:assert/strict";
import { median, percentile } from "../../bench/statistics.ts";

Deno.test("median() takes the middle of an odd number of samples, in any order", () => {
  assert.equal(median([9, 1, 100]), 9);
  assert.equal(median([7]), 7);
});

Deno.test("median() takes the mean of the two in the middle", () => {
  assert.equal(median([10, 2, 4, 1]), 3);
});

Deno.test("median() sorts as numbers, and leaves the samples as they were", () => {
  const samples = [10, 9, 100];
  assert.equal(median(samples), 10);
  assert.equal(samples.join(), "10,9,100");
});

Deno.test("median() refuses to make up a value", () => {
  assert.throws(() => median([]), RangeError);
});

Deno.test("percentile() takes the nearest rank", () => {
  const samples = Array.from({ length: 50 }, (_, i) => 50 - i);
  assert.equal(percentile(samples, 0), 1);
  assert.equal(percentile(samples, 50), 25);
  assert.equal(percentile(samples, 98), 49);
  assert.equal(percentile(samples, 99), 50);
  assert.equal(percentile([7], 50), 7);
  assert.ok(Number.isNaN(percentile([], 50)));
});
