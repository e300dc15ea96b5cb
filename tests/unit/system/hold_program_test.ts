import assert from "node:assert/strict";
import { denoSystem } from "../../../src/system/deno_system.ts";

const ENV = { PATH: "/usr/bin:/bin", GONE: undefined };

function hold(script: string, { beatMs = 60_000 } = {}) {
  const ending = new AbortController();
  const lines: string[] = [];
  const ended = denoSystem().hold("sh", ["-c", script], {
    env: ENV,
    onLine: (line) => void lines.push(line),
    beatMs,
    signal: ending.signal,
  });
  return { ended, ending, lines };
}

Deno.test("hold() says what a program prints, and how it ended", async () => {
  const { ended, lines } = hold("echo one; echo two; exit 7");
  assert.deepEqual(await ended, { kind: "exited", code: 7 });
  assert.deepEqual(lines, ["one", "two"]);
});

Deno.test("hold() keeps the standard input open until it is to end", async () => {
  const { ended, ending, lines } = hold("echo on; cat >/dev/null; echo over");
  while (lines.length === 0) await new Promise((go) => setTimeout(go, 10));
  assert.deepEqual(lines, ["on"]);
  ending.abort();
  assert.deepEqual(await ended, { kind: "exited", code: 0 });
  assert.deepEqual(lines, ["on", "over"]);
});

Deno.test("hold() writes an empty line now and then", async () => {
  const script = "read a && read b && read c && echo $a$b$c.";
  const { ended, ending, lines } = hold(script, { beatMs: 10 });
  const late = setTimeout(() => ending.abort(), 30_000);
  assert.deepEqual(await ended, { kind: "exited", code: 0 });
  clearTimeout(late);
  assert.deepEqual(lines, ["."]);
});

Deno.test("hold() ends a program that goes on without input", async () => {
  const { ended, ending } = hold("exec sleep 60");
  ending.abort();
  assert.deepEqual(await ended, { kind: "exited", code: 143 });
});

Deno.test("hold() says that there is no such program", async () => {
  const outcome = await denoSystem().hold("diskd-no-such", [], {
    env: ENV,
    onLine: () => {},
    beatMs: 1_000,
    signal: new AbortController().signal,
  });
  assert.deepEqual(outcome, { kind: "missing" });
});
