import assert from "node:assert/strict";
import {
  checkSightingRow,
  MAX_AHEAD_MS,
  MAX_ROW_MOUNTS,
  MAX_ROW_TEXT_CHARS,
} from "../../../src/control/sighting_row.ts";
import { importedRow, NOW, sightingRow } from "../render/rows.ts";

Deno.test("checkSightingRow() takes a row as export writes it, and leaves out what it does not know", () => {
  const row = sightingRow({ label: "a\n\u{1f600}", mounts: ["/mnt/b", ""] });
  assert.deepEqual(check({ ...row, colour: "red" }), {
    row: importedRow(row),
    problem: null,
  });
  const open = sightingRow({ until: null, state: "attached" });
  assert.deepEqual(check(open).row, importedRow(open));
});

Deno.test("checkSightingRow() says what is wrong, what was there and what is right", () => {
  const wrong: [unknown, RegExp][] = [
    [null, /^it is null, expected an object/],
    [[], /^host is missing$/],
    [{}, /^host is missing$/],
    [sightingRow({ host: "" }), /^host is "", expected .* not empty$/],
    [sightingRow({ hostId: "../x" }), /^hostId is ".*", expected the id/],
    [{ ...sightingRow(), device: 5 }, /^device is 5, expected a text/],
    [
      sightingRow({ label: "x".repeat(MAX_ROW_TEXT_CHARS + 1) }),
      /^label is "x/,
    ],
    [sightingRow({ size: -1 }), /^size is -1, expected a number of bytes/],
    [sightingRow({ size: 1.5 }), /^size is 1\.5/],
    [{ ...sightingRow(), mounts: "x" }, /^mounts is "x", expected a list/],
    [{ ...sightingRow(), mounts: [1] }, /^mounts\.0 is 1, expected a text/],
    [
      sightingRow({ mounts: Array(MAX_ROW_MOUNTS + 1).fill("/") }),
      /^mounts is .* at most 4096 texts$/,
    ],
    [sightingRow({ from: "yesterday" }), /^from is "yesterday", expected a ti/],
    [sightingRow({ from: "1969-12-31T00:00:00Z" }), /^from is .* not before/],
    [sightingRow({ from: "2026-02-31T99:00:00Z" }), /^from is .*, expected/],
    [{ ...sightingRow(), state: "up" }, /^state is "up", expected attached/],
    [{ ...sightingRow(), rm: 1 }, /^rm is 1, expected true, false or null$/],
  ];
  for (const [value, expected] of wrong) {
    const { row, problem } = check(value);
    assert.equal(row, null);
    assert.match(problem!, expected);
    assert.ok(problem!.length < 250, problem!);
  }
});

Deno.test("checkSightingRow() takes no sighting that ends before it begins, or in the future", () => {
  const at = (ms: number) => new Date(NOW + ms).toISOString();
  const backwards = sightingRow({ from: at(-1_000), until: at(-2_000) });
  assert.match(check(backwards).problem!, /^it ends .* before it begins/);
  const unseen = sightingRow({
    from: at(-1_000),
    until: null,
    seenAt: at(-2_000),
  });
  assert.match(check(unseen).problem!, /^it ends .* before it begins/);
  const soon = { until: at(MAX_AHEAD_MS), seenAt: at(MAX_AHEAD_MS) };
  assert.equal(check(sightingRow(soon)).problem, null);
  const later = { until: at(MAX_AHEAD_MS + 1), seenAt: at(0) };
  assert.match(check(sightingRow(later)).problem!, /^it is in the future/);
});

function check(value: unknown) {
  return checkSightingRow(value, NOW);
}
