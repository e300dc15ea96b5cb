import assert from "node:assert/strict";
import { mountSettings } from "../../../src/config/client_settings.ts";
import { checkAllowed, isAllowed } from "../../../src/mount/mountable.ts";
import { Refusal } from "../../../src/mount/refusal.ts";
import { isPrintable } from "../../../src/text/printable.ts";
import { diskRow } from "../render/rows.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";

const CASES: readonly (readonly [string[], boolean])[] = [
  [[], false],
  [["backup-2019"], true],
  [["backup-*"], true],
  [["BACKUP-2019"], false],
  [["backup"], false],
  [["other", UUID], true],
  [["8261F666-*"], true],
  [["8261f666"], false],
  [["*"], true],
];

for (const [allow, expected] of CASES) {
  Deno.test(`isAllowed() says ${expected} to ${JSON.stringify(allow)}`, () => {
    assert.equal(
      isAllowed({ uuid: UUID, label: "backup-2019" }, allow),
      expected,
    );
  });
}

Deno.test("isAllowed() knows a disk without a label by its UUID alone", () => {
  assert.equal(isAllowed({ uuid: UUID, label: null }, ["null", ""]), false);
  assert.equal(isAllowed({ uuid: UUID, label: null }, [UUID]), true);
  assert.equal(isAllowed({ uuid: null, label: null }, ["*"]), false);
});

Deno.test("checkAllowed() says which line allows it, whatever the labels are", () => {
  const row = diskRow({ label: 'a"]}\n\u202e', host: "al\x1bpha" });
  const refusal = refusalOf(() => checkAllowed(row, ["x: [y"]));
  assert.equal(refusal.kind, "refused");
  const line = refusal.hints.at(-1)!;
  assert.deepEqual(mountSettings(line, "").allow, ["x: [y", UUID]);
  assert.ok(isPrintable([refusal.message, ...refusal.hints].join("")));
});

Deno.test("checkAllowed() lets a disk that is named pass", () => {
  checkAllowed(diskRow(), ["backup-*"]);
});

function refusalOf(run: () => void): Refusal {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  throw new Error("It was not refused.");
}
