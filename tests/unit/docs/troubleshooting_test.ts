import assert from "node:assert/strict";
import { EXIT } from "../../../src/system/exit_code.ts";
import * as wake from "../../../src/daemon/clocks.ts";
import * as hearing from "../../../src/daemon/multicast_health.ts";
import * as network from "../../../src/daemon/network.ts";
import { assertConstants, numbersOf } from "./constants.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const TEXT = document("docs/troubleshooting.md");

/** Where the sentences are made. */
const SOURCES = [
  "daemon/say_network.ts",
  "daemon/explain_silence.ts",
  "daemon/say_peers.ts",
  "daemon/left_out.ts",
  "daemon/say_remarks.ts",
  "inventory/shortage.ts",
  "peer/rate_limiter.ts",
  "peer/wrong_clocks.ts",
  "daemon/control_sockets.ts",
  "daemon/multicast_health.ts",
  "transport/sender.ts",
  "render/status.ts",
  "store/history/history_error.ts",
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
  const quoted = ["`diskd status` says", "`diskd scan` says"]
    .flatMap((heading) => rowsOf(TEXT, heading))
    .flatMap(([cell = ""]) => codeSpans(cell))
    .filter((span) => !span.startsWith("diskd "));
  assert.equal(quoted.length, 32);
  // What differs from case to case is dots in the document.
  const pieces = quoted.flatMap((span) => span.split("..."))
    .map((piece) => piece.replace("eth0 (", "").replace("): ", "").trim())
    .filter((piece) => piece !== "");
  for (const piece of pieces) assert.ok(SOURCES.includes(piece), piece);
});

Deno.test("troubleshooting.md quotes why a disk is not mounted as diskd words it, with its exit code", () => {
  const sources = ["mount", "cli"].flatMap(sourcesIn).join("\n")
    // Texts that go on in the next line.
    .replace(/["`] \+\s+["`]/g, "");
  const rows = rowsOf(TEXT, "`diskd mount` says");
  assert.ok(rows.length > 10);
  const codes: readonly number[] = Object.values(EXIT);
  for (const [cell = "", code] of rows) {
    const [quoted = ""] = codeSpans(cell);
    const pieces = quoted.split("...").map((piece) => piece.trim())
      .filter((piece) => piece !== "");
    for (const piece of pieces) assert.ok(sources.includes(piece), piece);
    assert.ok(codes.includes(Number(code)), `${quoted}: ${code}`);
  }
});

function sourcesIn(folder: string): string[] {
  const path = new URL(`../../../src/${folder}/`, import.meta.url);
  return [...Deno.readDirSync(path)]
    .filter(({ isFile }) => isFile)
    .map(({ name }) => Deno.readTextFileSync(new URL(name, path)));
}

Deno.test("troubleshooting.md quotes messages of the page as diskd words them", () => {
  const sources = ["web", "cli"].flatMap(sourcesIn).join("\n")
    .replace(/["`] \+\s+["`]/g, "");
  const quoted = rowsOf(TEXT, "`diskd web` says, or the browser")
    .flatMap(([cell = ""]) => codeSpans(cell));
  assert.ok(quoted.length >= 10);
  const pieces = quoted.flatMap((span) => span.split("..."))
    .map((piece) => piece.trim()).filter((piece) => piece !== "");
  for (const piece of pieces) assert.ok(sources.includes(piece), piece);
});
