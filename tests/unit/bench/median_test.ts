import { equal, throws } from "node:assert/strict";
import { median } from "../../bench/median.ts";

Deno.test("median() takes the middle of an odd number of samples, in any order", () => {
  equal(median([9, 1, 100]), 9);
  equal(median([7]), 7);
});

Deno.test("median() takes the mean of the two in the middle", () => {
  equal(median([10, 2, 4, 1]), 3);
});

Deno.test("median() sorts as numbers, and leaves the samples as they were", () => {
  const samples = [10, 9, 100];
  equal(median(samples), 10);
  equal(samples.join(), "10,9,100");
});

Deno.test("median() refuses to make up a value", () => {
  throws(() => median([]), RangeError);
});
