import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonBytes } from "../../../src/text/json_bytes.ts";

Deno.test("jsonBytes() is the length of the JSON of any text in UTF-8", () => {
  const lengthOf = (text: string) =>
    new TextEncoder().encode(JSON.stringify(text)).length;
  const all = Array.from({ length: 0x3000 }, (_, i) => String.fromCharCode(i));
  for (const one of [...all, "", "\u{1f4be}", "\uffff", "\ud7ff\ue000"]) {
    assert.equal(jsonBytes(one), lengthOf(one), JSON.stringify(one));
  }
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    (text) => assert.equal(jsonBytes(text), lengthOf(text)),
  ));
});
