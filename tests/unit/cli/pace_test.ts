import assert from "node:assert/strict";
import { Pace } from "../../../src/cli/watch_list.ts";

Deno.test("Pace goes on soon after something happened, and once for all that happened meanwhile", async () => {
  const pace = new Pace({ minMs: 20, maxMs: 600_000 });
  const burst = setInterval(() => pace.hurry(), 1);
  let rounds = 0;
  const until = performance.now() + 300;
  while (performance.now() < until && await pace.next()) rounds++;
  clearInterval(burst);
  assert.ok(rounds >= 1 && rounds <= 300 / 20, `${rounds} rounds`);
});

Deno.test("Pace keeps what happened while nobody waited", async () => {
  const pace = new Pace({ minMs: 1, maxMs: 600_000 });
  pace.hurry();
  assert.equal(await pace.next(), true);
});

Deno.test("Pace goes on when nothing happens", async () => {
  const pace = new Pace({ minMs: 1, maxMs: 10 });
  assert.equal(await pace.next(), true);
});

Deno.test("Pace.end() ends every wait", async () => {
  for (const minMs of [1, 600_000]) {
    const pace = new Pace({ minMs, maxMs: 600_000 });
    const next = pace.next();
    await new Promise((resolve) => setTimeout(resolve, 10));
    pace.end();
    assert.equal(await next, false);
    assert.equal(await pace.next(), false);
  }
});
