import assert from "node:assert/strict";
import fc from "fast-check";
import { formatKey, readKeyFile } from "../../../src/store/key_file.ts";
import { isPrintable } from "../../../src/text/printable.ts";

const KEY = formatKey(new Uint8Array(32).fill(7));
const encoder = new TextEncoder();

Deno.test("readKeyFile() reads a key or says in a few printable words why not, whatever the file holds", () => {
  const path = Deno.makeTempFileSync();
  const near = fc.tuple(
    fc.nat(KEY.length),
    fc.nat(3),
    fc.string({ unit: "binary", maxLength: 3 }),
  ).map(([at, remove, insert]) =>
    encoder.encode(KEY.slice(0, at) + insert + KEY.slice(at + remove))
  );
  const content = fc.oneof(near, fc.uint8Array({ maxLength: 2_000 }));
  try {
    fc.assert(
      fc.property(content, (bytes) => {
        Deno.writeFileSync(path, bytes, { mode: 0o600 });
        Deno.chmodSync(path, 0o600);
        const read = readKeyFile(path, { uid: Deno.uid() });
        if (read.kind === "key") {
          const text = new TextDecoder().decode(bytes).trimEnd();
          assert.equal(formatKey(read.secret), text);
        } else {
          assert.equal(read.kind, "refused");
          assert.ok(isPrintable(read.reason), read.reason);
          assert.ok(read.reason.length < 300, read.reason);
        }
      }),
      { numRuns: 500 },
    );
  } finally {
    Deno.removeSync(path);
  }
});
