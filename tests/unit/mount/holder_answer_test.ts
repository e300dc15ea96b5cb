import assert from "node:assert/strict";
import fc from "fast-check";
import {
  readMountAnswer,
  readUnmountAnswer,
  UnreadableAnswer,
} from "../../../src/mount/read_answers.ts";
import { ANSWER, UNMOUNTED } from "./remote_support.ts";

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

Deno.test("readMountAnswer() reads the answer, and takes nothing else along", () => {
  const answer = { ...ANSWER, more: 1, at: "/etc" };
  assert.deepEqual(readMountAnswer(bytes(answer)), ANSWER);
  assert.deepEqual(readUnmountAnswer(bytes(UNMOUNTED)), UNMOUNTED);
});

Deno.test("readMountAnswer() keeps labels and paths with spaces, commas and signs", () => {
  const path = "/run/media/-o x, y: $(id) ümläut";
  const read = readMountAnswer(bytes({ ...ANSWER, path, label: "a\nb" }));
  assert.deepEqual([read.path, read.label], [path, "a\nb"]);
});

const WRONG: readonly (readonly [what: string, answer: unknown])[] = [
  ["a list", [ANSWER]],
  ["a text", "mounted"],
  ["null", null],
  ["a path that is relative", { ...ANSWER, path: "run/media" }],
  ["a path that is an option", { ...ANSWER, path: "-oProxyCommand=x" }],
  ["a path with a newline", { ...ANSWER, path: "/run\n/media" }],
  ["a path with an escape", { ...ANSWER, path: "/run/\x1b[2J" }],
  ["a path with a C1 control", { ...ANSWER, path: "/run/\x9b" }],
  ["a path with a NUL", { ...ANSWER, path: "/run/\0" }],
  ["a path that is too long", { ...ANSWER, path: `/${"é".repeat(2_048)}` }],
  ["no path", { ...ANSWER, path: undefined }],
  ["no host", { ...ANSWER, host: "" }],
  ["a host that is no text", { ...ANSWER, host: 1 }],
  ["a label that is too long", { ...ANSWER, label: "x".repeat(1_025) }],
  ["a flag that is a text", { ...ANSWER, wasMounted: "yes" }],
  ["a device that is no path", { ...ANSWER, device: "sdb1" }],
];

for (const [what, answer] of WRONG) {
  Deno.test(`readMountAnswer() refuses ${what}`, () => {
    assert.throws(() => readMountAnswer(bytes(answer)), UnreadableAnswer);
  });
}

Deno.test("readMountAnswer() refuses what is no JSON, or more than that", () => {
  const texts = ["", "Welcome!\n{}", `${JSON.stringify(ANSWER)}x`];
  for (const text of texts) {
    const stdout = new TextEncoder().encode(text);
    assert.throws(() => readMountAnswer(stdout), UnreadableAnswer);
  }
  assert.throws(() => readMountAnswer(Uint8Array.of(0xff)), UnreadableAnswer);
});

Deno.test("readUnmountAnswer() refuses places that are none", () => {
  const wrong = [null, {}, ["/x"], [{ host: "beta", path: "x" }]];
  for (
    const unmounted of [...wrong, Array(1_001).fill(UNMOUNTED.unmounted[0])]
  ) {
    const answer = bytes({ ...UNMOUNTED, unmounted });
    assert.throws(() => readUnmountAnswer(answer), UnreadableAnswer);
  }
});

Deno.test("readMountAnswer() reads any JSON or refuses it, and says nothing of what was in it", () => {
  fc.assert(fc.property(fc.json(), (json) => {
    try {
      readMountAnswer(new TextEncoder().encode(json));
    } catch (error) {
      assert.ok(error instanceof UnreadableAnswer);
      assert.match(error.message, /^[ -~]+$/);
    }
  }));
});
