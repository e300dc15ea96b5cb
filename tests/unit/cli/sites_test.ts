import assert from "node:assert/strict";
import { runCommandLine } from "../../../src/cli/app.ts";
import { completePrompt } from "../../../src/cli/prompt.ts";
import { diskRow, hostRow, STATUS } from "../render/rows.ts";
import { fakeContext } from "./fake_context.ts";

const ANSWERS = {
  list: [
    diskRow({ host: "a1", hostId: "a1", site: "home", device: "/dev/sda" }),
    diskRow({ host: "b1", hostId: "b1", site: "away", device: "/dev/sdb" }),
    diskRow({ host: "c1", hostId: "c1", site: "Attic", device: "/dev/sdc" }),
  ],
  hosts: [
    hostRow({ host: "a1", site: "home" }),
    hostRow({ host: "b1", site: "away" }),
    hostRow({ host: "b2", site: "away" }),
    hostRow({ host: "old", site: null }),
  ],
  status: STATUS,
};

async function run(line: string, answers = ANSWERS) {
  const context = fakeContext({ answers });
  const code = await runCommandLine(line.split(" "), context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

async function devices(flags: string): Promise<string[]> {
  const { out } = await run(`list -n -o DEVICE ${flags}`);
  return out.split("\n").slice(0, -1);
}

Deno.test("list --site selects sites by name or glob, in any case", async () => {
  assert.deepEqual(await devices("--site away"), ["/dev/sdb"]);
  assert.deepEqual(await devices("--site a*"), ["/dev/sdb", "/dev/sdc"]);
  assert.deepEqual(
    await devices("--site home --site attic"),
    ["/dev/sda", "/dev/sdc"],
  );
  assert.deepEqual(await devices("--site away --host a1"), []);
});

Deno.test("list --site names the sites where there is no such", async () => {
  const { code, err } = await run("list --site awya");
  assert.equal(code, 2);
  assert.match(
    err,
    /--site is awya, expected one of Attic, away, home; did you mean away\?/,
  );
  const none = await run("list --site away", {
    ...ANSWERS,
    list: [diskRow()],
  });
  assert.match(none.err, /no known host is at a site with a name/);
});

Deno.test("list --json --site prints the rows of the site alone", async () => {
  const { out } = await run("list --json --site home");
  const rows = JSON.parse(out);
  assert.deepEqual(rows.map(({ site }: { site: string }) => site), ["home"]);
});

Deno.test("hosts --site selects sites", async () => {
  const { code, out } = await run("hosts --site aw* --json");
  assert.equal(code, 0);
  const hosts = JSON.parse(out).map(({ host }: { host: string }) => host);
  assert.deepEqual(hosts, ["b1", "b2"]);
  assert.equal((await run("hosts --site nowhere")).code, 2);
});

Deno.test("sites are proposed behind --site, in shells and at the prompt", async () => {
  for (const command of ["list", "hosts"]) {
    const context = fakeContext({ answers: ANSWERS });
    const words = ["complete-line", "--", "zsh", command, "--site", ""];
    await runCommandLine(words, context);
    assert.equal(context.stdout.text, "words\naway\nhome\n");
  }
  const prompt = fakeContext({ answers: ANSWERS });
  const proposed = await completePrompt("list --site h", prompt);
  assert.deepEqual(proposed[0], ["home "]);
});
