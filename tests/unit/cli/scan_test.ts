import assert from "node:assert/strict";
import { showFound } from "../../../src/cli/scan.ts";
import { diskRow } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

const OPTIONS = { json: false, noColor: false, words: [] };

Deno.test("showFound() prints disks, and problems beside them", () => {
  const context = fakeContext();
  const found = { rows: [diskRow()], problems: ["no\x1b network"] };
  showFound(found, { options: OPTIONS, context });
  assert.ok(context.stdout.text.startsWith("HOST"));
  assert.equal(context.stderr.text, "no\\x1b network\n");
});

Deno.test("showFound() says when there is nothing", () => {
  const context = fakeContext();
  const options = { ...OPTIONS, json: true };
  showFound({ rows: [], problems: [] }, { options, context });
  assert.equal(context.stdout.text, "[]\n");
  assert.equal(context.stderr.text, "No disk was found on any host.\n");
});
