import assert from "node:assert/strict";
import { RemarkBudget } from "../../../src/daemon/remark_budget.ts";
import { madeUpRemark } from "../../support/made_up_remarks.ts";

Deno.test("who makes thousands of remarks is told of in summary, and another host one by one", () => {
  const budget = new RemarkBudget();
  const told = (by: string, now: number) => budget.take(madeUpRemark(by), now);
  const first = Array.from({ length: 1_000 }, () => told("id-liar", 0));
  assert.equal(first.filter((one) => one !== null).length, 30);
  assert.deepEqual(told("id-honest", 0), { leftOut: 970 });
  assert.deepEqual(told("id-honest", 0), { leftOut: 0 });
  assert.deepEqual(told("id-liar", 2_000), { leftOut: 0 });
});

Deno.test("a thousand hosts together are told of in summary too, and then again one by one", () => {
  const budget = new RemarkBudget();
  let told = 0;
  for (let i = 0; i < 5_000; i++) {
    if (budget.take(madeUpRemark(`id-${i}`), 0) !== null) told++;
  }
  assert.equal(told, 300);
  assert.deepEqual(budget.take(madeUpRemark("id-honest"), 1_000), {
    leftOut: 4_700,
  });
});
