import assert from "node:assert/strict";
import fc from "fast-check";
import { ReplyReader } from "../../../src/control/framing.ts";

/** A stream that gives at most `atOnce` bytes at a read. */
function streamOf(text: string, atOnce = Infinity) {
  let left = new TextEncoder().encode(text);
  return {
    read(into: Uint8Array): Promise<number | null> {
      assert.ok(into.length > 0);
      const given = left.subarray(0, Math.min(into.length, atOnce));
      into.set(given);
      left = left.subarray(given.length);
      return Promise.resolve(given.length === 0 ? null : given.length);
    },
  };
}

async function linesOf(reader: ReplyReader): Promise<string[]> {
  const lines: string[] = [];
  let start = "";
  for (let line; (line = await reader.next()) !== null;) {
    start += line.text;
    if (line.hasMore) continue;
    lines.push(start);
    start = "";
  }
  return lines;
}

Deno.test("ReplyReader gives lines, and nothing of a last one without an end", async () => {
  assert.deepEqual(await linesOf(new ReplyReader(streamOf("a\n\nb\nc"))), [
    "a",
    "",
    "b",
  ]);
});

Deno.test("ReplyReader gives the same lines however they come", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(
      fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " ")),
    ),
    fc.integer({ min: 1, max: 9 }),
    async (lines, atOnce) => {
      const text = lines.map((line) => `${line}\n`).join("");
      assert.deepEqual(
        await linesOf(new ReplyReader(streamOf(text, atOnce))),
        lines,
      );
    },
  ));
});

Deno.test("ReplyReader gives lines of megabytes, with short ones before and after", async () => {
  const lines = [
    "short",
    "x".repeat(5_000_000),
    "y",
    "\u00fc".repeat(1_000_000),
    "z",
  ];
  const text = lines.map((line) => `${line}\n`).join("");
  const got = await linesOf(new ReplyReader(streamOf(text, 200_000)));
  assert.ok(got.every((line, index) => line === lines[index]));
  assert.equal(got.length, lines.length);
});

Deno.test("ReplyReader gives a long line in pieces, and never holds it whole", async () => {
  const text = "\u00fc".repeat(500_001);
  const reader = new ReplyReader(streamOf(`a\n${text}\nb\n`, 7_777), 10_000);
  const pieces: string[] = [];
  for (let line; (line = await reader.next()) !== null;) {
    if (line.hasMore) pieces.push(line.text);
  }
  assert.ok(pieces.length > 60);
  assert.ok(pieces.every(({ length }) => length < 20_000));
  const again = new ReplyReader(streamOf(`a\n${text}\nb\n`, 7_777), 10_000);
  assert.deepEqual(await linesOf(again), ["a", text, "b"]);
});
