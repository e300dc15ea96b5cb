import { diskRow, PLAIN } from "../render/rows.ts";
import assert from "node:assert/strict";
import { COMMAND_NAMES, COMMANDS } from "../../../src/control/commands.ts";
import { EXIT_CODES } from "../../../src/system/exit_code.ts";
import type { DiskRow } from "../../../src/control/views.ts";
import { renderDisk } from "../../../src/render/disk.ts";
import { renderDisks } from "../../../src/render/disks.ts";
import { document, DOCUMENTS } from "./documents.ts";
import { codeSpans, rowsOf, typedCommands } from "./markdown.ts";
import { MIN_UTIL_LINUX } from "../../../src/probe/list_devices.ts";
import { thirdPerson } from "./third_person.ts";

const README = document("README.md");
const SESSION = typedCommands(README);
const NOW = Date.parse("2026-11-22T21:47:02.694Z");

Deno.test("README.md has each command that --help shows, and what it does", () => {
  const rows = rowsOf(README, "Command");
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
      `README.md says of ${name}: ${said}`,
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

for (const path of ["README.md", "docs/json.md"]) {
  Deno.test(`${path} has each exit code, and what it means`, () => {
    const heading = path === "README.md" ? "Exit code" : "Code";
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

Deno.test("README.md links to each document", () => {
  for (const path of DOCUMENTS.keys()) {
    if (path === "README.md") continue;
    assert.ok(README.includes(`](${path})`), `README.md lacks ${path}`);
  }
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
