import assert from "node:assert/strict";

/** Far more than anything of this size takes, and far less than what grows with the square of it. */
const MAX_MS = 2_000;

/** Does something that must not take long, whatever it was given, and gives what it gives. */
export function inTime<Result>(act: () => Result, maxMs = MAX_MS): Result {
  const startedAt = performance.now();
  const result = act();
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < maxMs, `it took ${tookMs} ms, expected under ${maxMs}`);
  return result;
}
