import assert from "node:assert/strict";
import { CoalescingQueue } from "../../../src/probe/scan_requests.ts";

function sums() {
  const acted: number[] = [];
  let acting = 0;
  const turns = new CoalescingQueue<number, number>({
    act: async (request) => {
      assert.equal(++acting, 1, "two at once");
      await Promise.resolve();
      acting--;
      acted.push(request);
      return request;
    },
    merge: (a, b) => a + b,
  });
  return { turns, acted };
}

Deno.test("Turns merges what is asked for during an action into one that follows", async () => {
  const { turns, acted } = sums();
  const outcomes = [1, 10, 100].map((request) => turns.take(request));
  assert.deepEqual(await Promise.all(outcomes), [1, 110, 110]);
  await turns.take(1000);
  assert.deepEqual(acted, [1, 110, 1000]);
});

Deno.test("Turns begins no second action when it is asked at the end of one, while others wait", async () => {
  const { turns, acted } = sums();
  const first = turns.take(1);
  const third = first.then(() => turns.take(100));
  const second = turns.take(10);
  assert.deepEqual(await Promise.all([first, second, third]), [1, 110, 110]);
  assert.deepEqual(acted, [1, 110]);
});
