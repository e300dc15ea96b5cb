import { diskRow, PLAIN } from "../render/rows.ts";
import assert from "node:assert/strict";
import { COMMAND_NAMES, COMMANDS } from "../../../src/control/commands.ts";
import { EXIT_CODES } from "../../../src/system/exit_code.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import { renderDisks } from "../../../src/render/disks.ts";
import { document, DOCUMENTS } from "./documents.ts";
import {
  codeBlocks,
  codeSpans,
  rowsOf,
  section,
  typedCommands,
} from "./markdown.ts";
import { join } from "node:path";
import { PROJECT } from "../../support/program.ts";
import { VERSION } from "../../../src/version.ts";
import { MIN_UTIL_LINUX } from "../../../src/probe/list_devices.ts";
import { thirdPerson } from "./third_person.ts";

const README = document("README.md");
const SESSION = typedCommands(README);
const NOW = Date.parse("2026-11-22T21:47:02.694Z");

Deno.test("commands.md has each command that --help shows, and what it does", () => {
  const rows = rowsOf(document("docs/commands.md"), "Command");
  const shown = COMMAND_NAMES.filter((name) => !COMMANDS[name].isHidden);
  assert.ok(shown.length > 10);
  for (const name of [...shown, "daemon"] as const) {
    const { brief, aliases = [] } = COMMANDS[name];
    const typed = new RegExp(`^\`diskd (--)?${name}\\b`);
    const [, does = ""] = rows.find(([command = ""]) => typed.test(command)) ??
      [];
    const said = does.replace(/`|\]\(.*?\)|\[/g, "");
    assert.ok(
      said.startsWith(thirdPerson(brief)),
      `commands.md says of ${name}: ${said}`,
    );
    const spans = rows.flat().flatMap(codeSpans).map((span) =>
      span.replace(/^diskd /, "")
    );
    for (const alias of aliases) assert.ok(spans.includes(alias), alias);
  }
});

Deno.test("README.md names the least version of util-linux", () => {
  assert.ok(
    README.replaceAll(/\s+/g, " ").includes(
      `util-linux ${MIN_UTIL_LINUX.join(".")} or later`,
    ),
  );
});

for (const path of ["docs/commands.md", "docs/json.md"]) {
  Deno.test(`${path} has each exit code, and what it means`, () => {
    const heading = path === "docs/commands.md" ? "Exit code" : "Code";
    const rows = rowsOf(document(path), heading);
    const codes = Object.values(EXIT_CODES);
    assert.deepEqual(
      rows.map(([code]) => Number(code)),
      codes.map(({ code }) => code),
    );
    for (const [at, { meaning }] of codes.entries()) {
      const [, said = ""] = rows[at]!;
      assert.ok(said.includes(meaning), `${said} does not say ${meaning}`);
    }
  });
}

Deno.test("docs/README.md links to each document in docs, and README.md to it", () => {
  const index = document("docs/README.md");
  for (const path of DOCUMENTS.keys()) {
    const [, name] = /^docs\/(.*)$/.exec(path) ?? [];
    if (name === undefined || name === "README.md") continue;
    assert.ok(index.includes(`](${name})`), `docs/README.md lacks ${name}`);
  }
  for (const path of ["docs/README.md", "CONTRIBUTING.md", "SECURITY.md"]) {
    assert.ok(README.includes(`](${path})`), `README.md lacks ${path}`);
  }
});

Deno.test("README.md is short enough to be read", () => {
  assert.ok(README.split("\n").length <= 221);
});

Deno.test("README.md installs this version, in three lines a system", () => {
  const blocks = codeBlocks(section(README, "Install"), "sh")
    .filter((block) => block.includes("/releases/"));
  assert.equal(blocks.length, 3);
  for (const block of blocks) {
    assert.equal(block.trimEnd().split("\n").length, 3, block);
    for (const [found] of block.matchAll(/\d+\.\d+\.\d+/g)) {
      assert.equal(found, VERSION);
    }
  }
});

Deno.test("README.md tries the source with the Deno that the workflows take", () => {
  const typed = [...README.matchAll(/^npx -y deno@([\d.]+) task (\w+)$/gm)]
    .map(([, version, task]) => [version, task]);
  const [, taken] = /deno-version: v([\d.]+)/
    .exec(Deno.readTextFileSync(join(PROJECT, ".github/workflows/ci.yml"))) ??
    [];
  assert.deepEqual(
    typed,
    ["scan", "test", "compile"].map((task) => [taken, task]),
  );
});

Deno.test("README.md opens with a table as list prints it", () => {
  const { command, output } = SESSION[0]!;
  assert.equal(command, "diskd list");
  const view = { ...PLAIN, now: NOW };
  assert.equal(output.trim(), renderDisks(listed(), view).trim());
});

Deno.test("README.md shows answers as where prints them", () => {
  const asked = SESSION.filter(({ command }) => /^diskd where/.test(command));
  assert.equal(asked.length, 2);
  for (const { command, output } of asked) {
    const label = command.split(" ")[2]!;
    const row = listed().find((row) => row.label === label)!;
    const address = /host +(.*),/.exec(output)![1]!;
    const view = { ...PLAIN, now: NOW };
    assert.equal(
      output.trim(),
      renderDisk({ ...row, address }, { view }).trim(),
    );
  }
});

/** The rows of the first table in the README. */
function listed(): DiskRow[] {
  const lines = SESSION[0]!.output.trim().split("\n").slice(1);
  return lines.map((line) => {
    const [host, device, label, uuid, type, size, mounts] = line.split(/ {2,}/);
    return row({
      host: host!,
      device: device!,
      label: label === "-" ? null : label!,
      uuid: uuid!,
      type: type!,
      size: bytesOf(size!),
      mounts: mounts === "-" ? [] : [mounts!],
    });
  });
}

function row(known: Partial<DiskRow>): DiskRow {
  return diskRow({
    address: null,
    uuid: null,
    label: null,
    mounts: [],
    seenAt: new Date(NOW).toISOString(),
    since: "2026-11-22T21:46:04.000Z",
    ...known,
  });
}

function bytesOf(size: string): number {
  return parseFloat(size) * 1024 ** "BKMGT".indexOf(size.at(-1)!);
}
