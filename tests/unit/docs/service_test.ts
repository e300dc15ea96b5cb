import assert from "node:assert/strict";
import { packageFiles } from "../../../packaging/tasks/package_files.ts";
import { needs } from "../../support/needs.ts";
import { document } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";
import { BINARY, checkUnit, unitText } from "../../support/systemd_unit.ts";

const SERVICE = document("docs/service.md");
const UNIT = unitText("diskd.service");

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

Deno.test("service.md says where the packages put what belongs to the service", async () => {
  const said = rowsOf(SERVICE, "Installed")
    .flatMap(([, path = ""]) => codeSpans(path))
    .filter((span) => span.startsWith("/"));
  // Completions are what this program prints.
  const files = await packageFiles({
    binary: "/bin/true",
    layout: { zshFolder: "/usr/share/zsh" },
  });
  const paths = files.map(({ path }) => path);
  assert.ok(said.length >= 9);
  for (const path of said) assert.ok(paths.includes(path), path);
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
    // Other versions count a little differently.
    const threshold = Math.round(Number(exposure) * 10) + 3;
    await checkUnit("diskd.service", { threshold });
  },
});
