import assert from "node:assert/strict";
import { makeDisk } from "../../../src/inventory/disk.ts";
import { needs } from "../../support/needs.ts";
import { ProjectCopy } from "../../support/project_copy.ts";
import { at, madeUpHost } from "../store/history/made_up.ts";
import { document } from "./documents.ts";
import { codeBlocks, section } from "./markdown.ts";

const CONTRIBUTING = document("docs/contributing.md");

Deno.test({
  ...needs("contributing.md adds a command with its diff, and needs no more", {
    programs: ["git", "cp"],
  }),
  async fn() {
    const [diff = ""] = codeBlocks(
      section(CONTRIBUTING, "Adding a command"),
      "diff",
    );
    await using project = await ProjectCopy.make();
    await project.apply(diff);
    await project.check();
    const help = await project.diskd(["--help"]);
    assert.match(help, /^ {2}uptime +Show for how long the daemon has run$/m);
    const own = await project.diskd(["help", "uptime"]);
    assert.match(own, /^Usage: diskd uptime \[OPTION\.\.\.\]\n/);
    const typed = ["complete-line", "--", "zsh", "up"];
    assert.match(await project.diskd(typed), /^words\nuptime\tShow for .*\n$/);
    // Nothing but the daemon is missing.
    const { code } = await project.run(["uptime", "--socket", "/tmp/none"]);
    assert.equal(code, 3);
  },
});

Deno.test({
  ...needs("contributing.md adds a setting with its diff, and needs no more", {
    programs: ["git", "cp"],
  }),
  async fn() {
    const [diff = ""] = codeBlocks(
      section(CONTRIBUTING, "Adding a setting"),
      "diff",
    );
    await using project = await ProjectCopy.make();
    await project.apply(diff);
    await project.check();
    const help = await project.diskd(["--daemon", "--help"]);
    assert.match(help, /^ +--first-scan TIME +Longest .*; default 0.5s$/m);
    const file = `${project.path}/config.yaml`;
    const check = ["config", "check", file];
    await Deno.writeTextFile(file, "firstScan: 7s\n");
    assert.match(await project.diskd(check), /^ +firstScan +7s$/m);
    const env = { DISKD_FIRST_SCAN: "8s" };
    const { stdout } = await project.run(check, env);
    assert.match(stdout, /^ +firstScan +8s$/m);
    await Deno.writeTextFile(file, "firstScan: 2m\n");
    const { code, stderr } = await project.run(check);
    assert.equal(code, 2);
    assert.match(stderr, /: firstScan is "2m", expected .* at most 1m$/m);
  },
});

Deno.test({
  ...needs(
    "contributing.md adds a way to name a disk with its diff, and needs no more",
    { programs: ["git", "cp"] },
  ),
  async fn() {
    const [diff = ""] = codeBlocks(
      section(CONTRIBUTING, "Adding a way to name a disk"),
      "diff",
    );
    await using project = await ProjectCopy.make();
    await project.apply(diff);
    await project.check();
    const disk = makeDisk({
      device: "/dev/sda",
      uuid: "a",
      uuid_sub: "5ub0-1234",
    });
    const host = { id: "a", name: "alpha", version: null, everyMs: 1 };
    const { Inventory } = await project.import<
      typeof import("../../../src/inventory/inventory.ts")
    >("src/inventory/inventory.ts");
    const inventory = new Inventory(host);
    inventory.applyScan([disk], 0);
    const { openHistory } = await project.import<
      typeof import("../../../src/store/history/open_history.ts")
    >("src/store/history/open_history.ts");
    const { history } = await openHistory({
      path: `${project.path}/history.db`,
      keepDays: 1,
      maxMegabytes: 1,
      wallClock: () => 0,
    });
    history!.began(madeUpHost("alpha"), { ...disk, name: "a" }, at(null));
    for (const [name, count] of [["5ub0", 1], ["5UB0-1", 1], ["5ub", 0]]) {
      assert.equal(inventory.where(`${name}`).found.length, count, `${name}`);
      assert.equal(history!.disks(`${name}`).found.length, count, `${name}`);
    }
    history!.close();
  },
});

Deno.test({
  ...needs(
    "contributing.md adds a disk field with its diff, and needs no more",
    {
      programs: ["git", "cp"],
    },
  ),
  async fn() {
    const [diff = ""] = codeBlocks(
      section(CONTRIBUTING, "Adding a disk field"),
      "diff",
    );
    await using project = await ProjectCopy.make();
    await project.apply(diff);
    await project.check();
    await project.test("tests/unit/inventory/disk_fields_test.ts");
  },
});
