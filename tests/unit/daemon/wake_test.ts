import assert from "node:assert/strict";
import {
  CLOCK_STEP_MS,
  LATE_MS,
  WakeWatch,
} from "../../../src/daemon/clocks.ts";

const LOOK_MS = 3_000;
const HOUR_MS = 3_600_000;

Deno.test("WakeWatch sees nothing in looks that come in time", () => {
  const { pass, wake } = watched();
  pass(LOOK_MS);
  assert.equal(wake.look(), null);
  pass(LOOK_MS + LATE_MS);
  assert.equal(wake.look(), null);
});

Deno.test("WakeWatch tells that the host slept: its wall clock went on without the other", () => {
  const { pass, wake } = watched();
  pass(1_000, HOUR_MS + 1_000);
  assert.deepEqual(wake.look(), { kind: "slept", ms: HOUR_MS });
});

Deno.test("WakeWatch tells each sleep once", () => {
  const { pass, wake } = watched();
  pass(LOOK_MS, HOUR_MS);
  assert.equal(wake.look()?.kind, "slept");
  pass(LOOK_MS);
  assert.equal(wake.look(), null);
});

Deno.test("WakeWatch tells that the clock was set back", () => {
  const { pass, wake } = watched();
  pass(LOOK_MS, LOOK_MS - HOUR_MS);
  assert.deepEqual(wake.look(), { kind: "set-back", ms: HOUR_MS });
});

Deno.test("WakeWatch bears a clock that is only corrected, however often", () => {
  const { pass, wake } = watched();
  for (const step of [CLOCK_STEP_MS, -CLOCK_STEP_MS, 500, 500, 500]) {
    pass(LOOK_MS, LOOK_MS + step);
    assert.equal(wake.look(), null);
  }
});

Deno.test("WakeWatch tells that the program stood still while both clocks went on", () => {
  const { pass, wake } = watched();
  pass(LOOK_MS + LATE_MS + 1);
  assert.deepEqual(wake.look(), {
    kind: "stopped",
    ms: LOOK_MS + LATE_MS + 1,
  });
});

function watched() {
  let [now, wall] = [1_000, 1_790_000_000_000];
  const clocks = { now: () => now, wallClock: () => wall };
  const wake = new WakeWatch(clocks, LOOK_MS);
  const pass = (ms: number, wallMs = ms) => {
    now += ms;
    wall += wallMs;
  };
  return { pass, wake };
}
