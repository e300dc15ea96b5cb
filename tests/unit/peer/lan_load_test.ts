import assert from "node:assert/strict";
import { HOLD_BACK_PER_SECOND, LanLoad } from "../../../src/peer/timing.ts";

Deno.test("Air is busy while the last second was as full as it may be", () => {
  const air = new LanLoad();
  for (let i = 0; i < HOLD_BACK_PER_SECOND - 1; i++) air.note(100);
  assert.equal(air.isBusy(100), false);
  air.note(500);
  assert.equal(air.isBusy(500), true);
  assert.equal(air.isBusy(1_099), true);
  assert.equal(air.isBusy(1_100), false);
});

Deno.test("Air forgets what is older than a second, however much it was", () => {
  const air = new LanLoad();
  for (let i = 0; i < 10 * HOLD_BACK_PER_SECOND; i++) air.note(i);
  assert.equal(air.isBusy(4_000), true);
  assert.equal(air.isBusy(10 * HOLD_BACK_PER_SECOND + 1_000), false);
});
