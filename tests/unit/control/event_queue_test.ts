import assert from "node:assert/strict";
import { EventQueue } from "../../../src/control/client.ts";

Deno.test("EventQueue gives events in order, those put in before and after somebody waits", async () => {
  const queue = new EventQueue<number>(10);
  queue.put(1);
  queue.put(2);
  const events = queue.events();
  assert.equal((await events.next()).value, 1);
  assert.equal((await events.next()).value, 2);
  const third = events.next();
  queue.put(3);
  assert.equal((await third).value, 3);
});

Deno.test("EventQueue lets who puts in wait while it is full", async () => {
  const queue = new EventQueue<number>(2);
  await queue.put(1);
  let hasRoom = false;
  const full = queue.put(2).then(() => hasRoom = true);
  const events = queue.events();
  await events.next();
  assert.equal(hasRoom, false);
  await events.next();
  await full;
});

Deno.test("EventQueue.end() gives what waits, then ends, also for who waits to put in", async () => {
  const queue = new EventQueue<number>(1);
  const full = queue.put(1);
  queue.end(null);
  await full;
  await queue.put(2);
  const got: number[] = [];
  for await (const event of queue.events()) got.push(event);
  assert.deepEqual(got, [1]);
});

Deno.test("EventQueue.end() throws its error after what waits", async () => {
  const queue = new EventQueue<number>(10);
  queue.put(1);
  queue.end(new Error("gone"));
  const events = queue.events();
  assert.equal((await events.next()).value, 1);
  await assert.rejects(events.next(), { message: "gone" });
});
