import assert from "node:assert/strict";
import { needs } from "../../support/needs.ts";
import { ProjectCopy } from "../../support/project_copy.ts";
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
    assert.equal(await project.diskd(typed), "words\nuptime\n");
    // Nothing but the daemon is missing.
    const { code } = await project.run(["uptime", "--socket", "/tmp/none"]);
    assert.equal(code, 3);
  },
});
