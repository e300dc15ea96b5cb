import assert from "node:assert/strict";
import fc from "fast-check";
import { formatKey, KEY_BYTES, parseKey } from "../../../src/store/key_file.ts";

const KEY = `dk1_${"A".repeat(43)}`;

Deno.test("parseKey() reads what formatKey() writes", () => {
  const secret = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
  fc.assert(fc.property(secret, (secret) => {
    const text = formatKey(secret);
    assert.match(text, /^dk1_[0-9A-Za-z_-]{43}$/);
    assert.deepEqual(parseKey(text), secret);
  }));
});

Deno.test("parseKey() takes nothing that formatKey() did not write", () => {
  assert.ok(parseKey(KEY));
  for (
    const text of [
      "",
      "dk1_",
      KEY.slice(0, -1),
      `${KEY}A`,
      `${KEY}=`,
      ` ${KEY}`,
      KEY.replace("dk1", "dk2"),
      KEY.replace("A", "+"),
      // Two bits more than there are bytes for.
      KEY.replace(/A$/, "B"),
    ]
  ) {
    assert.equal(parseKey(text), null, text);
  }
});
