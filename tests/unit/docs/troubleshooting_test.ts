import assert from "node:assert/strict";
import * as hearing from "../../../src/daemon/hearing.ts";
import * as network from "../../../src/daemon/network.ts";
import * as wake from "../../../src/daemon/wake.ts";
import { assertConstants, numbersOf } from "./constants.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const TEXT = document("docs/troubleshooting.md");

/** Where the sentences are made. */
const SOURCES = [
  "daemon/network.ts",
  "daemon/hearing.ts",
  "transport/sender.ts",
].map((path) =>
  Deno.readTextFileSync(new URL(`../../../src/${path}`, import.meta.url))
).join("\n");

Deno.test("troubleshooting.md has the limits and times of the code", () => {
  assertConstants(TEXT, {
    ...numbersOf(network),
    ...numbersOf(hearing),
    ...numbersOf(wake),
  });
});

Deno.test("troubleshooting.md quotes problems as the daemon words them", () => {
  const quoted = rowsOf(TEXT, "`diskd status` says")
    .flatMap(([cell = ""]) => codeSpans(cell))
    .filter((span) => !span.startsWith("diskd "));
  assert.equal(quoted.length, 4);
  // What differs from case to case is dots in the document.
  const pieces = quoted.flatMap((span) => span.split("..."))
    .map((piece) => piece.replace("eth0 (", "").replace("): ", "").trim())
    .filter((piece) => piece !== "");
  for (const piece of pieces) assert.ok(SOURCES.includes(piece), piece);
});
