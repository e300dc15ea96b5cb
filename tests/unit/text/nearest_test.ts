import assert from "node:assert/strict";
import fc from "fast-check";
import { nearest, Suggestions } from "../../../src/text/nearest.ts";

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

Deno.test("nearest() misses nothing by giving up early", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "b", "c"),
    maxLength: 9,
  });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const allowed = Math.min(3, Math.floor(a.length / 3));
      const isNear = editsBetween(a, b) <= allowed;
      assert.deepEqual(nearest(a, [b]), isNear ? [b] : []);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("Suggestions have what contains the name first, and each name once", () => {
  const near = new Suggestions("disk");
  for (const name of ["dsk", "My Disk", "music", "disks", "desk", "My Disk"]) {
    near.offer(name);
  }
  assert.deepEqual(near.best(9), ["My Disk", "disks", "desk", "dsk"]);
  assert.deepEqual(near.best(1), ["My Disk"]);
});

/** The same by definition: insertions, deletions, changes, swaps of neighbours. */
function editsBetween(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return editsBetween(restA, restB);
  const isSwapped = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  return 1 + Math.min(
    editsBetween(restA, b),
    editsBetween(a, restB),
    editsBetween(restA, restB),
    isSwapped ? editsBetween(a.slice(2), b.slice(2)) : Infinity,
  );
}
