import assert from "node:assert/strict";
import { ASK_AGAIN_MS, AskTimer } from "../../../src/peer/timing.ts";

Deno.test("Question is due at once, then ever more rarely, until somebody is heard", () => {
  const question = new AskTimer();
  assert.equal(question.dueAt, Infinity);
  question.start(1_000);
  const times = Array.from({ length: 5 }, () => {
    const { dueAt } = question;
    question.asked(dueAt);
    return dueAt - 1_000;
  });
  assert.deepEqual(times, [0, 100, 300, 700, 1_500]);
  question.answered();
  assert.equal(question.dueAt, Infinity);
  question.asked(9_000);
  assert.equal(question.dueAt, Infinity);
});

Deno.test("Question is asked once an hour at the rarest", () => {
  const question = new AskTimer();
  question.start(0);
  for (let i = 0; i < 40; i++) question.asked(0);
  assert.equal(question.dueAt, ASK_AGAIN_MS.max);
});

Deno.test("Question waits when somebody else has asked", () => {
  const question = new AskTimer();
  question.askedByOther(0);
  assert.equal(question.dueAt, Infinity);
  question.start(0);
  question.askedByOther(10);
  assert.equal(question.dueAt, 10 + ASK_AGAIN_MS.first);
});
