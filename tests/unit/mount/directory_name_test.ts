import assert from "node:assert/strict";
import fc from "fast-check";
import {
  directoryName,
  longerDirectoryName,
  MAX_DIRECTORY_NAME_BYTES,
} from "../../../src/mount/folders.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";

const NAMES: readonly (readonly [string | null, string])[] = [
  ["backup-2019", "backup-2019"],
  ["back up", "back up"],
  ["a   b", "a b"],
  ["../../etc", "_.._etc"],
  ["..", UUID],
  [".", UUID],
  [".hidden", "hidden"],
  ["-rf", "rf"],
  [" -o x ", "o x"],
  ["a/b", "a_b"],
  ["a\nb", "a_b"],
  ["a\0b", "a_b"],
  ["\x1b[31m", "_[31m".replace("[", "_")],
  ["Ünï 日本", "Ünï 日本"],
  ["e\u0301", "e\u0301"],
  ["\u202egpj", "_gpj"],
  ["a\u200bb", "a_b"],
  ["\u3164", "_"],
  ["💾", "_"],
  ["\ud800", "_"],
  ["$(reboot)", "__reboot_"],
  ["a,b", "a_b"],
  ["", UUID],
  [null, UUID],
  ["  ", UUID],
];

for (const [label, name] of NAMES) {
  Deno.test(`directoryName() of ${JSON.stringify(label)} is ${name}`, () => {
    assert.equal(directoryName(label, UUID), name);
  });
}

Deno.test("directoryName() is one part of a path, whatever the label", () => {
  const label = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(".", "/", "-", " ", "é", "\n", "💾") }),
  );
  fc.assert(
    fc.property(label, (label) => {
      const name = directoryName(label, UUID);
      const bytes = new TextEncoder().encode(name);
      assert.ok(bytes.length > 0 && bytes.length <= MAX_DIRECTORY_NAME_BYTES);
      assert.equal(new TextDecoder().decode(bytes), name);
      assert.match(name, /^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}._ -]*$/u);
      assert.ok(!name.endsWith(" "));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("directoryName() cuts a long label between two characters", () => {
  assert.equal(directoryName("é".repeat(100), UUID), "é".repeat(32));
  assert.equal(directoryName(`a${"é".repeat(100)}`, UUID).length, 32);
});

Deno.test("longerDirectoryName() tells disks of one label apart", () => {
  assert.equal(longerDirectoryName("data", UUID), "data-8261f666");
});
