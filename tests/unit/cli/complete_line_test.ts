import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { completePrompt } from "../../../src/cli/prompt.ts";
import { DaemonUnreachable } from "../../../src/control/client.ts";
import type { Remark } from "../../../src/inventory/remark.ts";
import { diskRow, hostRow } from "../render/rows.ts";
import { type Answers, fakeContext, type FakeOptions } from "./fake_context.ts";

const NAMES = ["backup", "My Disk", "nl\nx", "-rf", "", "esc\x1b", "C:\\dir"];
const ANSWERS = { names: NAMES };

async function complete(
  args: readonly string[],
  options: FakeOptions = { answers: ANSWERS },
): Promise<string[]> {
  const context = fakeContext(options);
  const code = await runCommandLine(["complete-line", "--", ...args], context);
  assert.equal(code, 0);
  assert.equal(context.stderr.text, "");
  return context.stdout.text.trimEnd().split("\n");
}

const BREAKS = " \t\n\"'@><=;|&(:";

Deno.test("complete-line proposes commands", async () => {
  assert.deepEqual(await complete(["bash", "diskd l", BREAKS]), [
    "words",
    "list",
    "locate",
    "label",
    "localhost",
  ]);
  assert.deepEqual(await complete(["zsh", "w"]), [
    "words",
    "where\tShow where a disk is, or where it was last seen",
    "web\tServe a page for browsers, live",
    "watch\tPrint events as they happen",
  ]);
  assert.deepEqual(await complete(["fish", "pi"]), [
    "words",
    "ping\tAsk all hosts to announce themselves",
  ]);
});

Deno.test("complete-line proposes flags for a dash only", async () => {
  assert.deepEqual(await complete(["zsh", "hosts", ""]), ["words"]);
  const json = ["words", "--json\tPrint JSON"];
  assert.deepEqual(await complete(["zsh", "list", "--j"]), json);
  assert.deepEqual(await complete(["zsh", "--j"]), json);
  assert.deepEqual(await complete(["zsh", "--daemon", "--log-l"]), [
    "words",
    "--log-level\tLeast important messages to log; default info",
  ]);
  assert.deepEqual(await complete(["zsh", "-d", "--log-format", ""]), [
    "words",
    "text",
    "json",
  ]);
});

Deno.test("complete-line proposes names that can be typed", async () => {
  const typable = ["words", "backup", "My Disk", "C:\\dir"];
  assert.deepEqual(await complete(["zsh", "where", ""]), typable);
  assert.deepEqual(await complete(["zsh", "--json", "where", ""]), typable);
  assert.deepEqual(await complete(["bash", "diskd where ", BREAKS]), [
    "words",
    "backup",
    "My\\ Disk",
    "C:\\\\dir",
  ]);
  assert.deepEqual(await complete(["bash", 'X=1 ./diskd where "My', BREAKS]), [
    "words",
    "My Disk",
  ]);
});

Deno.test("complete-line proposes files where files belong", async () => {
  assert.deepEqual(await complete(["zsh", "list", "--socket", "/r"]), [
    "files",
  ]);
  assert.deepEqual(await complete(["zsh", "--socket", ""]), ["files"]);
  assert.deepEqual(await complete(["zsh", "config", "check", ""]), ["files"]);
});

Deno.test("complete-line asks the daemon that --socket names", async () => {
  const context = fakeContext({ answers: ANSWERS });
  const args = ["complete-line", "--", "zsh", "--socket", "/s", "where", ""];
  await runCommandLine(args, context);
  assert.deepEqual(context.connections, [["/s"]]);
});

Deno.test("complete-line is silent where no daemon answers", async () => {
  const unreachable = new DaemonUnreachable("not-found", "none");
  assert.deepEqual(await complete(["zsh", "where", ""], { unreachable }), [
    "words",
  ]);
});

function remark(
  field: string,
  { value = "", at = 1, subject = "uuid 1" }: {
    readonly value?: string | null;
    readonly at?: number;
    readonly subject?: string;
  } = {},
): Remark {
  const by = `${at}`;
  return {
    subject,
    field,
    value,
    at,
    by,
    host: "",
    key: "",
    signature: `${at}`,
  };
}

const TAGGED: Answers = {
  names: ["backup", "my disk"],
  where: [diskRow({ tags: ["old", "shelf"] })],
  remarks: [
    remark("tag:old"),
    remark("tag:shelf"),
    remark("tag:gone", { value: null, at: 2 }),
    remark("tag:gone"),
    remark("tag:offsite", { subject: "uuid 2" }),
    remark("note", { value: "drawer 3" }),
  ],
};

Deno.test("complete-line proposes tags behind the name of a disk", async () => {
  const answers = TAGGED;
  const typed = (...words: string[]) =>
    complete(["zsh", ...words], { answers });
  assert.deepEqual(await typed("tag", ""), ["words", "backup", "my disk"]);
  assert.deepEqual(await typed("tag", "backup", ""), [
    "words",
    "+offsite",
    "-old",
    "-shelf",
  ]);
  assert.deepEqual(await typed("tag", "backup", "+o"), ["words", "+offsite"]);
  assert.deepEqual(await typed("tag", "backup", "-o"), ["words", "-old"]);
  const dashed = await typed("tag", "--socket", "/s", "backup", "-");
  for (const word of ["-old", "-shelf", "--json"]) {
    assert.ok(dashed.some((line) => line.split("\t")[0] === word), word);
  }
  assert.deepEqual(await typed("tag", "backup", "-old", "-s"), [
    "words",
    "-shelf",
  ]);
  assert.deepEqual(await typed("list", "--tag", ""), [
    "words",
    "offsite",
    "old",
    "shelf",
  ]);
  assert.deepEqual(
    await complete(["bash", "diskd tag backup -ol", BREAKS], { answers }),
    ["words", "-old"],
  );
  const context = fakeContext({ answers });
  assert.deepEqual(await completePrompt("tag 'my disk' +", context), [
    ["+offsite "],
    "+",
  ]);
});

Deno.test("complete-line proposes the name of a disk to note something on, but not the note", async () => {
  for (const command of ["note", "name"]) {
    assert.deepEqual(await complete(["zsh", command, "b"]), [
      "words",
      "backup",
    ]);
    assert.deepEqual(await complete(["zsh", command, "backup", ""]), ["words"]);
  }
});

Deno.test("completePrompt() replaces the word with one that is quoted", async () => {
  const context = fakeContext({ answers: ANSWERS });
  assert.deepEqual(await completePrompt("where M", context), [
    ['"My Disk" '],
    "M",
  ]);
  assert.deepEqual(await completePrompt('where "M', context), [
    ['"My Disk" '],
    '"M',
  ]);
  assert.deepEqual(await completePrompt("l", context), [
    ["list", "locate", "label", "localhost"],
    "l",
  ]);
  assert.deepEqual(await completePrompt("list --socket /r", context), [
    [],
    "/r",
  ]);
});

Deno.test("complete-line proposes to forget what is attached nowhere, and who is not up", async () => {
  const answers = {
    list: [
      diskRow({ label: "gone", uuid: null, alias: "red", state: "detached" }),
      diskRow({ label: "moved", uuid: null, state: "detached" }),
      diskRow({ label: "moved", uuid: null, state: "attached" }),
      diskRow({ label: "silent", uuid: null, state: "stale" }),
    ],
    hosts: [
      hostRow({ host: "alpha", state: "up" }),
      hostRow({ host: "beta", state: "gone" }),
    ],
  };
  assert.deepEqual(await complete(["zsh", "forget", ""], { answers }), [
    "words",
    "beta",
    "gone",
    "red",
  ]);
});
