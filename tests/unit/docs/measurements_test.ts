import assert from "node:assert/strict";
import { document } from "./documents.ts";
import { section } from "./markdown.ts";

Deno.test("measurements.md keeps a place for the benchmarks", () => {
  const speed = section(document("docs/measurements.md"), "Speed and memory");
  assert.match(speed, /<!-- BENCHMARKS\b[^]*<!-- END OF BENCHMARKS -->/);
});
