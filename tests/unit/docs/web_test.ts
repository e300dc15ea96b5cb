import assert from "node:assert/strict";
import { needs } from "../../support/needs.ts";
import { type Outcome, run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const WEB = document("docs/web.md");
const UNIT = Deno.readTextFileSync(`${PROJECT}/packaging/diskd-web.service`);
const BINARY = "/usr/local/bin/diskd";

Deno.test("web.md has the limits of the page", () => {
  const folder = `${PROJECT}/src/web`;
  const source = [...Deno.readDirSync(folder)]
    .filter(({ isFile }) => isFile)
    .map(({ name }) => Deno.readTextFileSync(`${folder}/${name}`)).join("\n");
  const rows = rowsOf(WEB, "Constant");
  assert.ok(rows.length >= 10);
  for (const [name = "", value = ""] of rows) {
    const [constant = ""] = codeSpans(name);
    const [, there = ""] = new RegExp(`^const ${constant} = ([\\d_]+);`, "m")
      .exec(source) ?? [];
    assert.equal(
      Number.parseInt(value),
      Number(there.replaceAll("_", "")),
      constant,
    );
  }
});

Deno.test("diskd-web.service has no right to disks, and nothing of root", () => {
  for (
    const line of [
      "DynamicUser=yes",
      "PrivateDevices=yes",
      "CapabilityBoundingSet=",
    ]
  ) {
    assert.ok(UNIT.includes(`\n${line}\n`), line);
  }
  assert.doesNotMatch(
    UNIT,
    /^(?:SupplementaryGroups|DeviceAllow|AmbientCapabilities|User)=/m,
  );
  assert.match(UNIT, new RegExp(`^ExecStart=${BINARY} web$`, "m"));
  assert.match(UNIT, new RegExp(`^ExecPaths=${BINARY} `, "m"));
});

Deno.test({
  ...needs("diskd-web.service is right for systemd, and well protected", {
    programs: ["systemd-analyze"],
  }),
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "diskd-unit-" });
    try {
      const binary = `${folder}/diskd`;
      const unit = `${folder}/diskd-web.service`;
      Deno.writeTextFileSync(binary, "#!/bin/sh\n", { mode: 0o755 });
      Deno.writeTextFileSync(unit, UNIT.replaceAll(BINARY, binary));
      const verified = await analyze(["verify", unit]);
      assert.equal(verified.code, 0, verified.stderr);
      assert.doesNotMatch(verified.stderr, /diskd-web/);
      const words = ["security", "--offline=true", "--threshold=20", unit];
      const { code, stdout } = await analyze(words);
      assert.equal(code, 0, stdout);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

function analyze(words: readonly string[]): Promise<Outcome> {
  const env = { PATH: "/usr/bin:/bin", SYSTEMD_PAGER: "cat" };
  return run(["systemd-analyze", ...words], { env });
}
