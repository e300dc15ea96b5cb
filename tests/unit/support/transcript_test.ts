import assert from "node:assert/strict";
import { Transcript } from "../../support/process.ts";

Deno.test("Transcript.waitFor() finds what was written before", async () => {
  const transcript = new Transcript();
  transcript.append("one\ntwo\n");
  const match = await transcript.waitFor(/^t(.)o$/m, 1000);
  assert.equal(match[1], "w");
});

Deno.test("Transcript.waitFor() finds what comes in two pieces later", async () => {
  const transcript = new Transcript();
  const waiting = transcript.waitFor(/ready/, 10_000);
  transcript.append("rea");
  transcript.append("dy");
  assert.equal((await waiting)[0], "ready");
});

Deno.test("Transcript.waitFor() finds the same again with a global pattern", async () => {
  const transcript = new Transcript();
  transcript.append("ready");
  const pattern = /ready/g;
  await transcript.waitFor(pattern, 1000);
  assert.equal((await transcript.waitFor(pattern, 1000))[0], "ready");
});

Deno.test("Transcript.waitFor() rejects with the text when its time is over", async () => {
  const transcript = new Transcript();
  transcript.append("starting\n");
  await assert.rejects(
    transcript.waitFor(/ready/, 20),
    /No match of \/ready\/ within 20 ms\. The output was:\nstarting\n/,
  );
});

Deno.test("Transcript.waitFor() rejects at once when the text ends", async () => {
  const transcript = new Transcript();
  const waiting = transcript.waitFor(/ready/, 60_000);
  transcript.end();
  await assert.rejects(waiting, /before the output ended/);
});
