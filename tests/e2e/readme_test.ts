import assert from "node:assert/strict";
import { Daemon } from "../support/daemon.ts";
import { eventually } from "../support/eventually.ts";
import { lanTest } from "../support/lan.ts";
import { attachNew } from "../support/plug.ts";
import { PROJECT } from "../support/program.ts";
import { codeBlocks, section } from "../unit/docs/markdown.ts";

const README = Deno.readTextFileSync(`${PROJECT}/README.md`);
/** These go on until somebody ends them, or talk to a terminal. */
const ENDLESS = ["diskd watch", "diskd"];
const PROBLEM = 8;

lanTest({
  name: "the first day of the README goes as it says",
  hosts: ["alpha", "beta"],
}, async ({ alpha, beta }) => {
  await attachNew(beta, { type: "ext4", label: "backup-2019" });
  await using _there = await Daemon.start(beta);
  await using here = await Daemon.start(alpha);
  await eventually(() => here.json("where", "backup-2019"));
  const typed = codeBlocks(section(README, "The first day"), "sh")
    .flatMap((block) => block.trimEnd().split("\n"))
    .map((line) => line.replace(/ *#.*/, ""));
  assert.ok(typed.length >= 5);
  for (const command of typed) {
    if (ENDLESS.includes(command)) continue;
    const { code, stdout, stderr } = await alpha.run(["sh", "-c", command]);
    const expected = command === "diskd doctor" ? [0, PROBLEM] : [0];
    assert.ok(expected.includes(code), `${command}: ${code}\n${stderr}`);
    assert.notEqual(stdout, "", command);
  }
  const { stdout } = await alpha.run(["diskd", "where", "backup-2019"]);
  assert.match(stdout, /^backup-2019 is on beta, /);
  assert.match(stdout, /drawer 3, top shelf/);
});
