import assert from "node:assert/strict";
import { ReaderBudget } from "../../../src/control/reader_budget.ts";
import { MockedTime } from "../../support/mocked_time.ts";

/** Works for so long that the clock is later, and notes who did. */
function setUp(time: MockedTime) {
  let busyMs = 0;
  const done: string[] = [];
  const budget = new ReaderBudget({
    share: 0.2,
    burstMs: 100,
    now: () => time.now() + busyMs,
  });
  const work = (name: string, ms: number) =>
    budget.run(() => {
      busyMs += ms;
      done.push(name);
      return Promise.resolve();
    });
  return { budget, work, done };
}

Deno.test("ReaderBudget gives a burst at once, and then a share of the time", async () => {
  using time = new MockedTime();
  const { budget, work, done } = setUp(time);
  for (let i = 0; i < 100; i++) work("a", 20);
  await time.pass(10);
  const atOnce = done.length;
  assert.ok(atOnce >= 5 && atOnce <= 9, `${atOnce}`);
  await time.pass(1_000);
  const later = done.length - atOnce;
  // The clock also goes on while it works, so a share is less than 0.2 s.
  assert.ok(later >= 8 && later <= 14, `${later}`);
  assert.ok(budget.delayed >= later);
});

Deno.test("ReaderBudget does one piece of work at a time, in order of arrival", async () => {
  using time = new MockedTime();
  const budget = new ReaderBudget({ share: 0.2, burstMs: 100, now: time.now });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  for (const name of ["a", "b", "c"]) {
    budget.run(() => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  }
  for (const name of ["a", "b", "c"]) {
    await time.pass(1);
    assert.equal(begun.at(-1), name);
    assert.equal(ends.length, 1);
    ends.pop()!();
  }
});

Deno.test("ReaderBudget goes on after work that fails, and tells its failure", async () => {
  using time = new MockedTime();
  const { budget, work, done } = setUp(time);
  const failed = budget.run(() => Promise.reject(new Error("no")));
  const next = work("next", 1);
  await assert.rejects(failed, /^Error: no$/);
  await next;
  assert.deepEqual(done, ["next"]);
});

Deno.test("ReaderBudget counts other work too, which waits when there is no time left", async () => {
  using time = new MockedTime();
  const { budget } = setUp(time);
  let paid = 0;
  for (let i = 0; i < 20; i++) budget.pay(10).then(() => paid++);
  await time.pass(1);
  assert.equal(paid, 10);
  await time.pass(1_000);
  assert.equal(paid, 20);
});

Deno.test("ReaderBudget is not used up by a daemon that was suspended", async () => {
  using time = new MockedTime();
  const { work, done } = setUp(time);
  work("suspended", 3_600_000);
  work("next", 1);
  await time.pass(10_000);
  assert.deepEqual(done, ["suspended", "next"]);
});
