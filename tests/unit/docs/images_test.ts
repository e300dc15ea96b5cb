import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT } from "../../support/program.ts";
import { DOCUMENTS } from "./documents.ts";

const FOLDER = "docs/images";
const MAX_BYTES = 150_000;

Deno.test("every image is small, and stands in a document", () => {
  const shown = new Set(
    [...DOCUMENTS].flatMap(([path, text]) =>
      [...text.matchAll(/!\[[^\]]+\]\(([^)]+\.(?:png|svg))\)/g)].map((
        [, image],
      ) => join(path, "..", image!))
    ),
  );
  const files = [...Deno.readDirSync(join(PROJECT, FOLDER))]
    .map(({ name }) => join(FOLDER, name));
  assert.deepEqual([...shown].sort(), files.sort());
  for (const file of files) {
    const { size } = Deno.statSync(join(PROJECT, file));
    assert.ok(size <= MAX_BYTES, `${file} has ${size} bytes`);
  }
});
