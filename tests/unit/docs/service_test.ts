import assert from "node:assert/strict";
import { needs } from "../../support/needs.ts";
import { type Outcome, run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";

const SERVICE = document("docs/service.md");
const UNIT = Deno.readTextFileSync(`${PROJECT}/packaging/diskd.service`);
const BINARY = "/usr/local/bin/diskd";

/** Directives of the unit and what they are set to, each time that they are. */
const DIRECTIVES = Map.groupBy(
  UNIT.split("\n").flatMap((line) => {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, value: value! }];
  }),
  ({ name }) => name,
);

function values(name: string): string[] {
  return (DIRECTIVES.get(name) ?? []).map(({ value }) => value);
}

Deno.test("diskd.service says of no directive that it is not there which is", () => {
  const missing = [...UNIT.matchAll(/(?:Not|nor) (\w+)=/g)]
    .map(([, name]) => name!);
  assert.ok(missing.length >= 8);
  for (const name of missing) assert.deepEqual(values(name), [], name);
});

Deno.test("service.md has each directive that diskd.service leaves out", () => {
  const documented = rowsOf(SERVICE, "Directive")
    .flatMap(([cell = ""]) => codeSpans(cell))
    .map((span) => span.split("=")[0]);
  for (const [, name] of UNIT.matchAll(/(?:Not|nor) (\w+)=/g)) {
    assert.ok(documented.includes(name), name);
  }
});

Deno.test("diskd.service lets diskd write where it has its files, and nowhere else", () => {
  assert.deepEqual(values("ProtectSystem"), ["strict"]);
  assert.deepEqual(values("RuntimeDirectory"), ["diskd"]);
  assert.deepEqual(values("StateDirectory"), ["diskd"]);
  assert.deepEqual(values("ReadWritePaths"), []);
  assert.deepEqual(values("RuntimeDirectoryPreserve"), ["restart"]);
});

Deno.test("diskd.service lets diskd read disks, without any capability", () => {
  const capability = ["CAP_NET_BIND_SERVICE"];
  assert.deepEqual(values("CapabilityBoundingSet"), capability);
  assert.deepEqual(values("AmbientCapabilities"), capability);
  assert.deepEqual(values("NoNewPrivileges"), ["yes"]);
  assert.deepEqual(values("DevicePolicy"), ["closed"]);
  assert.deepEqual(values("DeviceAllow"), ["block-* r"]);
  assert.deepEqual(values("User"), ["diskd"]);
});

Deno.test("diskd.service may run the binary that it starts", () => {
  const [started = ""] = values("ExecStart");
  assert.equal(started.split(" ")[0], BINARY);
  assert.ok(values("ExecPaths").join(" ").split(" ").includes(BINARY));
});

Deno.test({
  ...needs("diskd.service is as good as service.md says", {
    programs: ["systemd-analyze"],
  }),
  async fn() {
    const [, exposure] = /gives (\d\.\d), "OK"/.exec(SERVICE)!;
    const folder = Deno.makeTempDirSync({ prefix: "diskd-unit-" });
    try {
      const binary = `${folder}/diskd`;
      const unit = `${folder}/diskd.service`;
      Deno.writeTextFileSync(binary, "#!/bin/sh\n", { mode: 0o755 });
      Deno.writeTextFileSync(unit, UNIT.replaceAll(BINARY, binary));
      const verified = await analyze(["verify", unit]);
      assert.equal(verified.code, 0, verified.stderr);
      // What it does not understand it says, and ends well all the same.
      assert.doesNotMatch(verified.stderr, /diskd/);
      // Other versions count a little differently.
      const threshold = `--threshold=${Math.round(Number(exposure) * 10) + 3}`;
      const words = ["security", "--offline=true", threshold, unit];
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
