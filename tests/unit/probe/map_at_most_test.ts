import assert from "node:assert/strict";
import { mapAtMost } from "../../../src/probe/map_at_most.ts";

Deno.test("mapAtMost() keeps the order of the items, whichever is done first", async () => {
  const results = await mapAtMost([30, 10, 20, 0], {
    limit: 3,
    work: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    },
  });
  assert.deepEqual(results, [30, 10, 20, 0]);
});

Deno.test("mapAtMost() takes fewer items than may be under way", async () => {
  const work = (item: number) => Promise.resolve(item * 2);
  assert.deepEqual(await mapAtMost([], { limit: 4, work }), []);
  assert.deepEqual(await mapAtMost([1], { limit: 4, work }), [2]);
});
