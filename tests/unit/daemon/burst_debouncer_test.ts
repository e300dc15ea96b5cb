import assert from "node:assert/strict";
import { BurstDebouncer } from "../../../src/daemon/scan_loop.ts";

Deno.test("Gather acts on the first sign at once", () => {
  const { gather, acts } = gathering();
  gather.sign();
  assert.equal(acts.begun, 1);
  gather.stop();
});

Deno.test("Gather makes few actions of many signs, and acts on the last one", async () => {
  const { gather, acts } = gathering();
  for (let i = 0; i < 40; i++) {
    acts.signs++;
    gather.sign();
    await pause(10);
  }
  await pause(500);
  assert.ok(acts.begun >= 2 && acts.begun <= 10, `${acts.begun} actions`);
  assert.equal(acts.signsSeen, 40);
  gather.stop();
});

Deno.test("Gather never acts twice at once, and acts after the action that a sign fell into", async () => {
  const first = Promise.withResolvers<void>();
  const { gather, acts } = gathering(() => first.promise);
  gather.sign();
  gather.sign();
  gather.sign();
  await pause(50);
  assert.equal(acts.begun, 1);
  first.resolve();
  await pause(300);
  assert.equal(acts.begun, 2);
  gather.stop();
});

Deno.test("Gather acts at once again after a quiet time", async () => {
  let now = 0;
  const { gather, acts } = gathering(() => Promise.resolve(), () => now);
  for (const at of [0, 5_000, 10_000]) {
    now = at;
    gather.sign();
    await Promise.resolve();
  }
  assert.equal(acts.begun, 3);
  gather.stop();
});

Deno.test("Gather does nothing once it is stopped", async () => {
  const { gather, acts } = gathering();
  gather.sign();
  await pause(0);
  gather.sign();
  gather.stop();
  gather.sign();
  await pause(200);
  assert.equal(acts.begun, 1);
});

function gathering(
  work: () => Promise<void> = () => Promise.resolve(),
  now: () => number = () => performance.now(),
) {
  const acts = { begun: 0, signs: 0, signsSeen: 0 };
  const gather = new BurstDebouncer(() => {
    acts.begun++;
    acts.signsSeen = acts.signs;
    return work();
  }, now);
  return { gather, acts };
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
