import assert from "node:assert/strict";
import { drawScreen, visibleLines } from "../../../src/render/screen.ts";

Deno.test("drawScreen() draws over what is there, and clears only behind it", () => {
  assert.equal(
    drawScreen(["a", "bc"]),
    "\x1b[Ha\x1b[K\r\nbc\x1b[K\x1b[J",
  );
});

Deno.test("visibleLines() shows all lines where they fit", () => {
  assert.deepEqual(visibleLines("a\nb\nc\n", 3), ["a", "b", "c"]);
});

Deno.test("visibleLines() says how many more there are", () => {
  assert.deepEqual(visibleLines("a\nb\nc\nd\n", 3), [
    "a",
    "b",
    "... and 2 more",
  ]);
});

Deno.test("visibleLines() bears a terminal of next to no height", () => {
  assert.deepEqual(visibleLines("a\nb\nc\n", 1), ["... and 3 more"]);
  assert.deepEqual(visibleLines("a\n", 1), ["a"]);
});
