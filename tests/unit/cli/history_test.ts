import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { RemoteFailure } from "../../../src/control/client.ts";
import { NO_HISTORY } from "../../../src/control/jsonrpc.ts";
import type { HistoryParams } from "../../../src/control/views.ts";
import { bareVerdict } from "../../../src/daemon/verdict.ts";
import { ago, historyRow } from "../render/rows.ts";
import { fakeContext, type FakeOptions } from "./fake_context.ts";

const SAID = {
  alias: "the red one",
  note: "drawer 3",
  tags: ["offsite"],
  remarks: [{
    field: "note",
    value: "drawer 3",
    at: ago(3600),
    host: "alpha",
    hostId: "9f0c",
  }],
};

async function run(line: string, options: FakeOptions = {}) {
  const context = fakeContext(options);
  const code = await runCommandLine(line.split(" "), context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

Deno.test("history prints a table, and on a terminal who had the disk when", async () => {
  const answers = { history: [historyRow()] };
  const piped = await run("history backup-2019", { answers });
  assert.equal(piped.code, 0);
  assert.match(piped.out, /^WHEN \(UTC\) .*\n01 Jan 12:00 - .*\n$/);
  const terminal = { isTerminal: true, columns: 60 };
  const shown = await run("history backup-2019 --no-color", {
    answers,
    ...terminal,
  });
  assert.match(shown.out, /\n\n {7,}15 Jan .* 12 Feb\nalpha {2}#+\n$/);
  const all = await run("history --no-color", { answers, ...terminal });
  assert.match(all.out, /^WHEN .*\n01 Jan .*\n$/);
  const json = await run("history --json x", { answers, ...terminal });
  assert.deepEqual(JSON.parse(json.out), answers.history);
});

Deno.test("history asks for what its words and flags choose", async () => {
  const asked: HistoryParams[] = [];
  const answers = {
    history(params: HistoryParams) {
      asked.push(params);
      return [historyRow()];
    },
  };
  await run("history my backup", { answers });
  await run("history --host beta --since 2d", { answers });
  await run("history --since=2026-01-31", { answers });
  assert.deepEqual(asked, [
    { name: "my backup" },
    { host: "beta", since: "2026-02-27T12:00:00.000Z" },
    { since: "2026-01-31T00:00:00.000Z" },
  ]);
});

Deno.test("history ends with 1 where nothing is known, and says of what", async () => {
  const answers = { history: [], where: [] };
  const { code, out, err } = await run("history \x1bx --host b --since 2d", {
    answers,
  });
  assert.deepEqual([code, out], [1, ""]);
  assert.equal(
    err,
    "Nothing is known of \\x1bx on b since 2d. See: diskd list --all\n",
  );
  const json = await run("history --json", { answers });
  assert.deepEqual([json.code, json.out], [1, "[]\n"]);
});

Deno.test("the history of a disk begins with what was said of it", async () => {
  const history = [historyRow(SAID), historyRow({ ...SAID, host: "beta" })];
  const { out } = await run("history backup-2019", { answers: { history } });
  assert.match(
    out,
    /^backup-2019\n {2}name {2}the red one\n {2}note {2}drawer 3\n {2}tags {2}offsite\n {2}said .* alpha\n\nWHEN .*\n.*\n.* beta .*\n$/,
  );
  const all = await run("history", { answers: { history } });
  assert.match(all.out, /^WHEN /);
});

Deno.test("history shows what was said of a disk that no host had", async () => {
  const [alias, uuid] = ["the red one", "8261f666-2f3c"];
  const noted = [{
    label: null,
    uuid,
    partuuid: null,
    serial: null,
    wwn: null,
    ...SAID,
  }];
  const verdict = { ...bareVerdict("noted"), noted };
  const answers = { history: [], find: { rows: [], verdict, contents: [] } };
  const { code, out, err } = await run(`history ${alias}`, { answers });
  assert.deepEqual([code, err], [1, ""]);
  assert.match(out, /^the red one is in drawer 3; last seen on no host/);
  const json = await run(`history ${alias} --json`, { answers });
  assert.deepEqual([json.code, json.out], [1, "[]\n"]);
});

Deno.test("history says that there is more where the daemon gives no more at once", async () => {
  const history = Array.from({ length: 500 }, () => historyRow());
  const { code, err } = await run("history", { answers: { history } });
  assert.equal(code, 0);
  assert.equal(
    err,
    "These are the newest 500. Fewer: --since 2d; all: diskd export\n",
  );
});

Deno.test("history refuses a time that is none", async () => {
  const { code, err } = await run("history --since soon");
  assert.equal(code, 2);
  assert.match(err, /^diskd: --since is soon, expected how long ago, as 90m/);
});

for (const command of ["history x", "export", "import /x"]) {
  Deno.test(`${command} ends with 1 where there is no history, and says why`, async () => {
    const fail = () => {
      throw new RemoteFailure(NO_HISTORY, "history.db is \x1blocked");
    };
    const { code, out, err } = await run(command, {
      answers: { history: fail, export: fail, import: fail },
      files: { "/x": JSON.stringify(exported([historyRow()])) },
    });
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(err, "diskd: history.db is \\x1blocked\n");
  });
}

function exported(sightings: unknown[]) {
  return { format: "diskd-export", version: 1, hosts: [], sightings };
}
