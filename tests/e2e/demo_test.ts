import assert from "node:assert/strict";
import { needs } from "../support/needs.ts";
import { type Outcome, run } from "../support/process.ts";
import { PROJECT } from "../support/program.ts";

const DEMO = [
  Deno.execPath(),
  "run",
  "-A",
  `${PROJECT}/tests/support/demo.ts`,
];

Deno.test({
  ...needs("the demo shows where a disk is before and after it moves", {
    lan: true,
  }),
  async fn() {
    const { code, stdout, stderr } = await runDemo(DEMO);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assertInOrder(stdout, [
      /^root@alpha:~# diskd list$/m,
      /^gamma +\/dev\/\w+ +backup-2019 +[0-9a-f-]{36} +ext4 +4T /m,
      /^root@alpha:~# diskd where backup-2019$/m,
      /^backup-2019 is on gamma, /m,
      /^backup-2019 is unplugged; until .* it was in gamma, /m,
      /^That was exit code 4,/m,
      /^backup-2019 is on beta, /m,
      /^root@alpha:~# diskd list$/m,
      /^beta +\/dev\/\w+ +backup-2019 /m,
    ]);
    const [, last = ""] = stdout.split(/backup-2019 is on beta/);
    assert.doesNotMatch(last, /^gamma .*backup-2019/m);
  },
});

Deno.test({
  ...needs("the demo says what to do where it cannot run", {
    root: true,
    programs: ["unshare"],
  }),
  async fn() {
    // There, nobody is root.
    const { code, stdout, stderr } = await runDemo([
      "unshare",
      "--user",
      ...DEMO,
    ]);
    assert.equal(stdout, "");
    assert.match(stderr, /must run as root\.\n.*sudo npx .* task demo\n/);
    assert.equal(code, 1);
  },
});

function runDemo(argv: readonly string[]): Promise<Outcome> {
  return run(argv, { env: Deno.env.toObject(), timeoutMs: 90_000 });
}

function assertInOrder(text: string, patterns: readonly RegExp[]): void {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    assert.ok(found, `No ${pattern} in the rest of the demo:\n${rest}`);
    rest = rest.slice(found.index + found[0].length);
  }
}
