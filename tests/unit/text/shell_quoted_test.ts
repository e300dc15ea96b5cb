import fc from "fast-check";
import assert from "node:assert/strict";
import { shellQuoted } from "../../../src/text/shell_quoted.ts";

Deno.test("shellQuoted() leaves plain words as they are", () => {
  const argv = ["ssh", "-o", "Port=22", "--", "jo@beta:/run/a,b"];
  assert.equal(shellQuoted(argv), "ssh -o Port=22 -- jo@beta:/run/a,b");
  assert.equal(shellQuoted(["", "it's", "=a"]), `'' 'it'\\''s' '=a'`);
});

Deno.test("shellQuoted() is read back by a shell word by word", () => {
  const word = fc.string({ unit: "binary-ascii", maxLength: 20 })
    .map((text) => text.replaceAll("\0", ""));
  const words = fc.array(word, { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, (argv) => {
      const script = `printf '%s\\0' ${shellQuoted(argv)}`;
      const { stdout } = new Deno.Command("/bin/sh", { args: ["-c", script] })
        .outputSync();
      const read = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
      assert.deepEqual(read, argv);
    }),
    { numRuns: 30 },
  );
});
