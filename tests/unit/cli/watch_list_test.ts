import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { diskRow } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

const HOME = "\x1b[H";

/** The lines of the first drawing, and the exit code. */
async function watched(
  { rows = [diskRow({ mounts: [] })], lines = 24 } = {},
) {
  const context = fakeContext({
    answers: { list: rows },
    isTerminal: true,
    isInteractive: true,
    keys: "xq",
    columns: 81,
    rows: lines,
  });
  const code = await runCommandLine(["list", "--watch", "--no-color"], context);
  const [, first] = context.stdout.text.split(HOME);
  // deno-lint-ignore no-control-regex
  const shown = first!.replace(/\x1b\[[\d?]*[A-Za-z]/g, "").split("\r\n");
  return { code, shown };
}

Deno.test("list --watch has the summary on top, and quits at q", async () => {
  const { code, shown } = await watched();
  assert.equal(code, 0);
  assert.deepEqual(shown, [
    "1 disk on 1 host (q quits)",
    "HOST   DEVICE     LABEL        TYPE  SIZE  MOUNTED",
    "alpha  /dev/sdb1  backup-2019  ext4  3.6T  -",
  ]);
});

Deno.test("list --watch leaves the title where there is no room for rows", async () => {
  const { shown } = await watched({ lines: 1 });
  assert.deepEqual(shown, ["1 disk on 1 host (q quits)"]);
  assert.equal((await watched({ lines: 2 })).shown[1], "... and 2 more");
});
