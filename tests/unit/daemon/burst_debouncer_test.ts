import assert from "node:assert/strict";
import { BurstDebouncer } from "../../../src/daemon/scan_loop.ts";
import { MockedTime } from "../../support/mocked_time.ts";

Deno.test("BurstDebouncer acts on the first sign at once", () => {
  using run = setUp();
  run.debouncer.sign();
  assert.equal(run.begun, 1);
});

Deno.test("BurstDebouncer makes few actions of many signs, and acts on the last one", async () => {
  using run = setUp();
  for (let i = 0; i < 40; i++) {
    run.signs++;
    run.debouncer.sign();
    await run.time.pass(10);
  }
  await run.time.pass(500);
  assert.ok(run.begun >= 2 && run.begun <= 10, `${run.begun} actions`);
  assert.equal(run.signsSeen, 40);
});

Deno.test("BurstDebouncer never acts twice at once, and acts after the action that a sign fell into", async () => {
  const first = Promise.withResolvers<void>();
  using run = setUp(() => first.promise);
  for (const _ of [1, 2, 3]) run.debouncer.sign();
  await run.time.pass(50);
  assert.equal(run.begun, 1);
  first.resolve();
  await run.time.pass(300);
  assert.equal(run.begun, 2);
});

Deno.test("BurstDebouncer acts at once again after a quiet time", async () => {
  using run = setUp();
  for (const begun of [1, 2, 3]) {
    run.debouncer.sign();
    assert.equal(run.begun, begun);
    await run.time.pass(5_000);
  }
});

Deno.test("BurstDebouncer does nothing once it is stopped", async () => {
  using run = setUp();
  run.debouncer.sign();
  await run.time.pass(0);
  run.debouncer.sign();
  run.debouncer.stop();
  run.debouncer.sign();
  await run.time.pass(2_000);
  assert.equal(run.begun, 1);
});

/** Counts the actions, and how many signs the last of them saw. */
function setUp(work: () => Promise<void> = () => Promise.resolve()) {
  const time = new MockedTime();
  const run = {
    time,
    begun: 0,
    signs: 0,
    signsSeen: 0,
    debouncer: new BurstDebouncer(() => {
      run.begun++;
      run.signsSeen = run.signs;
      return work();
    }, time.now),
    [Symbol.dispose]() {
      run.debouncer.stop();
      time[Symbol.dispose]();
    },
  };
  return run;
}
