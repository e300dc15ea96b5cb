import assert from "node:assert/strict";
import { needs } from "../../support/needs.ts";
import { PROJECT } from "../../support/program.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";
import { BINARY, checkUnit, unitText } from "../../support/systemd_unit.ts";

const WEB = document("docs/web.md");
const UNIT = unitText("diskd-web.service");

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
    await checkUnit("diskd-web.service", { threshold: 20 });
  },
});
