import assert from "node:assert/strict";
import { ChangeQueue } from "../../../../src/store/history/history.ts";

Deno.test("a ChangeQueue gives changes in their order, and the oldest make room", () => {
  const queue = new ChangeQueue(3);
  for (let at = 1; at <= 5; at++) queue.push({ kind: "alive", at });
  assert.deepEqual(times(queue), [3, 4, 5]);
  assert.equal(queue.dropped, 2);
  queue.remove(2);
  queue.push({ kind: "alive", at: 6 });
  assert.deepEqual(times(queue), [5, 6]);
  assert.equal(queue.length, 2);
  queue.remove(2);
  assert.deepEqual(times(queue), []);
  queue.forgetDropped();
  assert.equal(queue.dropped, 0);
});

function times(queue: ChangeQueue): number[] {
  return queue.from(0, 9).map((change) =>
    change.kind === "alive" ? change.at : -1
  );
}
