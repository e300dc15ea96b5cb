import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import type { RemarkedDisk } from "../../../src/control/remarked.ts";
import type { RemarkedView, RemarkParams } from "../../../src/control/views.ts";
import { ago, diskRow } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

const SAID: RemarkedDisk = {
  label: "backup\x1b",
  uuid: "8261f666",
  serial: null,
  partuuid: null,
  wwn: null,
  alias: "red\x1bone",
  note: "drawer\x1b 3",
  tags: ["2019", "offsite"],
  remarks: [
    {
      field: "note",
      value: "drawer\x1b 3",
      at: ago(60),
      host: "be\x1bta",
      hostId: "b",
    },
  ],
};

Deno.test("note, name and tag say what is typed behind the name of the disk", async () => {
  const typed: readonly [line: string[], params: RemarkParams][] = [
    [["note", "b", "drawer", "3"], { name: "b", note: "drawer 3" }],
    [["note", "two words", "x"], { name: "two words", note: "x" }],
    [["note", "b", "--clear"], { name: "b", note: null }],
    [["note", "b", "--", "--clear"], { name: "b", note: "--clear" }],
    [["name", "b", "the", "red"], { name: "b", alias: "the red" }],
    [["name", "--clear", "b"], { name: "b", alias: null }],
    [["tag", "b", "+x", "y", "-z", "-old"], {
      name: "b",
      tags: ["x", "y"],
      untag: ["z", "old"],
    }],
    [["tag", "b", "-all"], { name: "b", untag: ["all"] }],
  ];
  for (const [line, params] of typed) {
    const { code, asked, stderr } = await run(line);
    assert.deepEqual([code, asked, stderr], [0, [params], ""], line.join(" "));
  }
});

Deno.test("note, name and tag print what was said, with nothing that a terminal obeys", async () => {
  const { stdout, stderr } = await run(["note", "b", "x"], {
    disks: [SAID],
    warnings: ["x is\x1b a label"],
  });
  assert.equal(
    stdout,
    "backup\\x1b\n  name  red\\x1bone\n  note  drawer\\x1b 3\n" +
      "  tags  2019 offsite\n  said  today 11:59Z on be\\x1bta\n",
  );
  assert.equal(stderr, "x is\\x1b a label\n");
  const { stdout: json } = await run(["note", "--json", "b", "x"]);
  assert.deepEqual(JSON.parse(json), [SAID]);
});

Deno.test("note, name and tag print what is said of a disk where nothing is typed behind it", async () => {
  for (const command of ["note", "name", "tag"]) {
    const { code, stdout, asked } = await run([command, "b"]);
    assert.deepEqual([code, asked], [0, []]);
    assert.equal(stdout, "backup-2019 has no note, name or tag\n");
  }
});

Deno.test("note and name refuse a text beside --clear", async () => {
  for (const command of ["note", "name"]) {
    const { code, asked, stderr } = await run([command, "b", "--clear", "x"]);
    assert.deepEqual([code, asked], [2, []]);
    assert.match(stderr, /^diskd: with --clear there is no text/);
  }
});

Deno.test("note says that nothing is known by a name, and what may have been meant", async () => {
  const nobody = { disks: [], warnings: [] };
  const context = fakeContext({ answers: { remark: nobody, where: [] } });
  assert.equal(await runCommandLine(["note", "b\x1b", "x"], context), 1);
  assert.match(context.stderr.text, /^No disk is named b\\x1b/);
});

async function run(
  line: readonly string[],
  view: RemarkedView = { disks: [SAID], warnings: [] },
) {
  const asked: RemarkParams[] = [];
  const context = fakeContext({
    answers: {
      where: [diskRow()],
      remark(params) {
        asked.push(params);
        return view;
      },
    },
  });
  const code = await runCommandLine(line, context);
  const { stdout, stderr } = context;
  return { code, asked, stdout: stdout.text, stderr: stderr.text };
}
