import assert from "node:assert/strict";
import { COMMAND_LINE } from "../../../src/cli/app.ts";
import { NOW, overdueRow, STATUS } from "../render/rows.ts";
import { type Answers, fakeContext, type FakeOptions } from "./fake_context.ts";

/** What a command prints, and its exit code. */
async function run(
  words: readonly string[],
  answers: Answers = {},
  options: FakeOptions = {},
) {
  const context = fakeContext({ answers, ...options });
  const code = await COMMAND_LINE.run([...words], context);
  const { stdout, stderr } = context;
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const LATE = overdueRow(NOW, { note: "drawer 3, top shelf" });
const HERE = overdueRow(NOW, {
  name: "photos",
  expected: "photos",
  overdue: false,
  state: "attached",
  unplugged: false,
  seenAt: new Date(NOW).toISOString(),
  seenEverySeconds: 36 * 3_600,
});
const NEVER = overdueRow(NOW, {
  name: "never",
  seenAt: null,
  state: null,
  uniqueHost: null,
  unplugged: false,
  seenEverySeconds: 86_400,
});
const DOWN = overdueRow(NOW, { name: "down", unplugged: false });
const SILENT = overdueRow(NOW, { name: "hush", state: "stale" });

Deno.test("overdue lists the disks with where, when, and what is noted, and exits with 8", async () => {
  const rows = [LATE, NEVER, DOWN, SILENT];
  const { code, stdout, stderr } = await run(["overdue"], { overdue: rows });
  assert.equal(code, 8);
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    `DISK         OVERDUE   SEEN  ON     STATE           EXPECTED      NOTE
backup-2019      12h     8d  alpha  unplugged       every 8 days  drawer 3, top shelf
never            12h  never  -      -               every day     -
down             12h     8d  alpha  host shut down  every 8 days  -
hush             12h     8d  alpha  host silent     every 8 days  -
`,
  );
});

Deno.test("overdue --all lists those that were seen too, and exits with 0 while none is overdue", async () => {
  const overdue = ({ all = false }) => all ? [HERE] : [];
  const all = await run(["overdue", "--all"], { overdue });
  assert.equal(all.code, 0);
  assert.match(
    all.stdout,
    /\nphotos +- +0s +alpha +attached +every 36 h +-\n$/,
  );
  assert.deepEqual(await run(["overdue"], { overdue }), {
    code: 0,
    stdout: "",
    stderr: "No disk is overdue; 1 disk expected. See: diskd overdue --all\n",
  });
  assert.deepEqual(await run(["overdue"], { overdue: [] }), {
    code: 0,
    stdout: "",
    stderr: "No disk is expected: see expect in the configuration\n",
  });
  const { code, stdout } = await run(["overdue", "--json"], {
    overdue: [LATE],
  });
  assert.equal(code, 8);
  assert.deepEqual(JSON.parse(stdout), [LATE]);
});

Deno.test("notify shows who is told of what, and exits with 8 if a message was not taken", async () => {
  const row = { on: ["gone", "failing"], dropped: 0, problem: null };
  const good = { ...row, to: "https://a.example", sent: 3, waiting: 0 };
  const problem = "https://b.example answers 500";
  const bad = { ...row, to: "https://b.example", sent: 0, waiting: 7, problem };
  const notify = [good, bad];
  const { code, stdout, stderr } = await run(["notify"], {
    status: { ...STATUS, notify },
  });
  assert.equal(code, 8);
  assert.equal(
    stdout,
    `TO                 ON            SENT  WAITING  DROPPED  LAST
https://a.example  gone failing     3        0        0  ok
https://b.example  gone failing     0        7        0  failed
`,
  );
  assert.equal(stderr, `${problem}\n`);
  const nobody = { ...STATUS, notify: [] };
  assert.deepEqual(await run(["notify"], { status: nobody }), {
    code: 0,
    stdout: "",
    stderr: "Nobody is told: see notify in the configuration\n",
  });
});

Deno.test("notify --test says what each address answers, and exits with 8 if one did not take it", async () => {
  const good = {
    to: "https://a.example",
    ok: true,
    status: 202,
    problem: null,
    afterMs: 7,
  };
  const problem = "https://b.example answers 401, it wants a token";
  const bad = { ...good, to: "https://b.example", ok: false, problem };
  assert.deepEqual(await run(["notify", "--test"], { notify: [good, bad] }), {
    code: 8,
    stdout: `https://a.example took it: 202, after 7 ms\n${problem}\n`,
    stderr: "",
  });
  const { code } = await run(["notify", "--test"], { notify: [good] });
  assert.equal(code, 0);
});

Deno.test("config check shows no secret of notify, in text and JSON", async () => {
  const files = {
    "/etc/diskd/config.yaml":
      "notify: {url: 'https://a.example/SECRET?x=SECRET', on: gone}\n",
  };
  for (const words of [["config", "check"], ["config", "check", "--json"]]) {
    const { code, stdout } = await run(words, {}, { files });
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /SECRET/);
    assert.match(stdout, /https:\/\/a\.example\b/);
  }
});
