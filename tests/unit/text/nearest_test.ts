import assert from "node:assert/strict";
import { nearest } from "../../../src/text/nearest.ts";

Deno.test("nearest() finds what was mistyped, the nearest first", () => {
  const names = ["backup-2018", "backup-2019", "music", "Backup 2019"];
  assert.deepEqual(nearest("backup-2091", names), [
    "backup-2019",
    "Backup 2019",
    "backup-2018",
  ]);
  assert.deepEqual(nearest("BACKUP_2019", names, { limit: 1 }), [
    "backup-2019",
  ]);
});

Deno.test("nearest() finds nothing where nothing is near", () => {
  assert.deepEqual(nearest("photos", ["backup", "music"]), []);
  assert.deepEqual(nearest("a", ["b"]), []);
  assert.deepEqual(nearest("", ["b", "abc"]), []);
});

Deno.test("nearest() counts letters put in, left out, changed and swapped", () => {
  for (
    const word of [
      "scanninterval",
      "scaninteval",
      "skaninterval",
      "sacninterval",
    ]
  ) {
    assert.deepEqual(nearest(word, ["scaninterval"]), ["scaninterval"], word);
  }
});
