import fc from "fast-check";
import assert from "node:assert/strict";
import { ExportFileError, readExport } from "../../../src/cli/import.ts";
import type { ImportedRow } from "../../../src/control/views.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "../../../src/render/export.ts";
import { isPrintable } from "../../../src/text/printable.ts";
import { jsonBombs } from "../../support/hostile_texts.ts";
import { sightingRow } from "../render/rows.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const encoder = new TextEncoder();
const BOMBS = jsonBombs(60_000);

const REAL = JSON.stringify({
  format: EXPORT_FORMAT,
  version: EXPORT_VERSION,
  sightings: [sightingRow(), sightingRow({ label: "another" })],
});

/** Reads a file that comes in pieces: its rows, or the one error. */
async function read(
  bytes: Uint8Array,
  pieceBytes = 1_000,
): Promise<ImportedRow[]> {
  const rows: ImportedRow[] = [];
  const startedAt = performance.now();
  try {
    for await (
      const piece of readExport(pieces(bytes, pieceBytes), {
        name: "file.json",
        now: NOW,
        onRefused: (problem) => assert.ok(isPrintable(problem), problem),
      })
    ) if ("row" in piece) rows.push(piece.row);
  } catch (error) {
    assert.ok(error instanceof ExportFileError, String(error));
    assert.ok(isPrintable(error.message), error.message);
    assert.ok(error.message.length < 500, error.message);
  }
  assert.ok(performance.now() - startedAt < 5_000);
  assert.ok(JSON.stringify(rows).length <= bytes.length + "[]".length);
  return rows;
}

async function* pieces(bytes: Uint8Array, pieceBytes: number) {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    yield bytes.subarray(from, from + pieceBytes);
  }
}

/** A real export with some characters written over, put in or taken out. */
function damaged(): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(REAL.length),
    remove: fc.nat(5),
    insert: fc.oneof(
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.constantFrom("[", "]", "{", "}", '"', ",", ":", "\\", "null", "\x1b"),
    ),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let text = REAL;
    for (const { at, remove, insert } of changes) {
      text = text.slice(0, at) + insert + text.slice(at + remove);
    }
    return text;
  });
}

Deno.test("readExport() reads a real export, in pieces of any length", async () => {
  for (const pieceBytes of [1, 7, 100_000]) {
    const rows = await read(encoder.encode(REAL), pieceBytes);
    assert.deepEqual(rows.map(({ label }) => label), [
      sightingRow().label,
      "another",
    ]);
  }
});

Deno.test("readExport() reads any bytes or raises ExportFileError", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary" }).map((text) => encoder.encode(`{${text}`)),
    fc.jsonValue().map((value) => encoder.encode(JSON.stringify(value))),
  );
  const pieceBytes = fc.integer({ min: 1, max: 50 });
  await fc.assert(
    fc.asyncProperty(bytes, pieceBytes, async (bytes, pieceBytes) => {
      assert.deepEqual(await read(bytes, pieceBytes), []);
    }),
    { numRuns: 500 },
  );
});

Deno.test("readExport() reads a damaged export or raises ExportFileError", async () => {
  await fc.assert(
    fc.asyncProperty(damaged(), async (text) => {
      assert.ok((await read(encoder.encode(text))).length <= 2);
    }),
    { numRuns: 1_000 },
  );
});

for (const [name, bomb] of BOMBS) {
  Deno.test(`readExport() bears ${name}`, async () => {
    const heading = '"format":"diskd-export","version":1';
    for (
      const text of [
        bomb,
        `{"format":${bomb}}`,
        `{${heading},"more":${bomb},"sightings":[]}`,
        `{${heading},"sightings":${bomb}}`,
        `{${heading},"sightings":[${bomb}]}`,
        `{${heading},"sightings":[{"host":${bomb}}]}`,
        `{${heading},"sightings":[{"mounts":${bomb}}]}`,
      ]
    ) {
      assert.deepEqual(await read(encoder.encode(text), 16_384), []);
    }
  });
}
