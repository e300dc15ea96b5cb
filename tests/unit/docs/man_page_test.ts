import assert from "node:assert/strict";
import deno from "../../../deno.json" with { type: "json" };
import { loadCommands } from "../../../src/cli/commands.ts";
import { CONFIG_FLAGS } from "../../../src/cli/daemon.ts";
import { COMMAND_NAMES, COMMANDS } from "../../../src/control/commands.ts";
import { EXIT_CODES } from "../../../src/system/exit_code.ts";
import { COMMON_FLAGS, flagName } from "../../../src/cli/command.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import {
  SETTING_LIST,
  SETTING_VARIABLES,
  SETTINGS,
} from "../../../src/config/settings.ts";
import { ATTENDED_VARIABLES } from "../../../src/mount/attended_environment.ts";
import { VERSION } from "../../../src/version.ts";
import { needs } from "../../support/needs.ts";
import { run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { thirdPerson } from "./third_person.ts";

const PATH = `${PROJECT}/packaging/man/diskd.1`;

/** Without the escapes that only a formatter needs. */
const PAGE = Deno.readTextFileSync(PATH)
  .replaceAll("\\-", "-")
  .replaceAll("\\&", "");

/** Flags of each command, by what is typed for it: `key new`. */
const FLAGS: ReadonlyMap<string, readonly string[]> = new Map(
  [...await loadCommands(COMMAND_NAMES)].map(([name, { parameters }]) => [
    name,
    Object.keys(parameters.flags ?? {}).map(flagName),
  ]),
);

/** Typed by nobody: a script does, or it is what `diskd` alone is. */
const NOT_TYPED = ["prompt", "complete-line"];

Deno.test("diskd.1 has each command, and none besides", () => {
  const documented = subsections().map(({ name }) => name);
  const there = [...FLAGS.keys()]
    .filter((name) => !NOT_TYPED.includes(name));
  assert.deepEqual(documented.toSorted(), there.toSorted());
  for (const name of COMMAND_NAMES) {
    for (const alias of COMMANDS[name].aliases ?? []) {
      assert.ok(PAGE.includes(`.B diskd ${alias}`), `${name} lacks it`);
    }
  }
});

for (const [name, flags] of FLAGS) {
  if (NOT_TYPED.includes(name)) continue;
  Deno.test(`diskd.1 has each flag of ${name}, and none besides`, () => {
    const { text } = subsections().find((one) => one.name === name)!;
    const common = name === "daemon" ? [] : Object.keys(COMMON_FLAGS);
    const own = flags.filter((flag) => !common.map(flagName).includes(flag));
    assert.deepEqual(flagsIn(text).toSorted(), own.toSorted());
  });
}

Deno.test("diskd.1 has what --help says of each flag of the daemon", () => {
  const { text } = subsections().find(({ name }) => name === "daemon")!;
  for (const [name, { brief }] of Object.entries(CONFIG_FLAGS)) {
    const flag = flagName(name);
    const said = text.split(/^\.TP$/m)
      .find((part) => tags(`.TP${part}`).includes(flag))!
      .split("\n").slice(2).join(" ");
    const [help = "", value] = brief.split("; default ");
    assert.ok(said.startsWith(help), `${flag}: ${said}`);
    const hasDefault = value === undefined ||
      said.includes(`; default ${value}.`);
    assert.ok(hasDefault, `${flag}: ${said}`);
  }
});

Deno.test("diskd.1 says of each command what --help says", () => {
  const shown = COMMAND_NAMES.filter((name) => !COMMANDS[name].isHidden);
  for (const name of shown) {
    const { text } = subsections().find((one) => one.name === name)!;
    const said = text.slice(text.indexOf("\n") + 1).replaceAll("\n", " ");
    const expected = thirdPerson(COMMANDS[name].brief);
    assert.equal(
      said.slice(0, expected.length).toLowerCase(),
      expected.toLowerCase(),
    );
  }
});

Deno.test("diskd.1 has the flags that every command takes", () => {
  const common = Object.keys(COMMON_FLAGS).map(flagName);
  const all = [...common, "--help", "--version"];
  assert.deepEqual(flagsIn(section("OPTIONS")).toSorted(), all.toSorted());
});

Deno.test("diskd.1 has each exit code, what it means, and none besides", () => {
  const text = section("EXIT STATUS");
  const codes = Object.values(EXIT_CODES);
  assert.deepEqual(tags(text).map(Number), codes.map(({ code }) => code));
  const said = text.replaceAll("\n", " ").toLowerCase();
  for (const { code, meaning } of codes) {
    assert.ok(said.includes(`.b ${code} ${meaning.toLowerCase()}`), meaning);
  }
});

Deno.test("diskd.1 has each variable that is read, and none besides", () => {
  const documented = tags(section("ENVIRONMENT"));
  const read = deno.permissions.diskd.env.filter((name) => name !== "DISKD_*");
  assert.deepEqual(
    documented.toSorted(),
    [...read, ...SETTING_VARIABLES].toSorted(),
  );
});

Deno.test("diskd.1 has each key of the file, and none besides", () => {
  const keys = Object.values(SETTINGS).map(({ key }) => key);
  assert.deepEqual(tags(section("CONFIGURATION")), keys);
});

Deno.test("diskd.1 shows a configuration that is taken", () => {
  const [, example = ""] = /^\.EX\n([^]*?)^\.EE$/m
    .exec(section("CONFIGURATION")) ?? [];
  const { interfaces, mountAllow, ssh } = loadConfig({
    flags: {},
    env: {},
    readText: () => example,
    uid: 0,
  });
  assert.deepEqual(interfaces, ["eth0", "enp*"]);
  assert.equal(mountAllow.length, 2);
  assert.deepEqual({ ...ssh }, { beta: "admin@beta.example.org" });
});

Deno.test("diskd.1 has each variable that other programs are given", () => {
  const given = section("ENVIRONMENT").split(".TP\n").at(-1)!;
  const named = given.match(/\b[A-Z0-9_]{3,}\b/g) ?? [];
  assert.deepEqual(named.toSorted(), ATTENDED_VARIABLES.toSorted());
});

Deno.test("diskd.1 has each signal that the program knows", () => {
  assert.deepEqual(
    tags(section("SIGNALS")),
    ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"],
  );
});

Deno.test("diskd.1 is of this version", () => {
  assert.match(
    PAGE,
    new RegExp(`^\\.TH DISKD 1 \\S+ "diskd ${VERSION}" `, "m"),
  );
});

Deno.test("diskd.1 names no flag and no variable that is not there", () => {
  const flags = [...FLAGS.values()].flat();
  const negated = SETTING_LIST.filter(([, one]) => one.default === true)
    .map(([, { flag }]) => `--no-${flag}`);
  const there = [...flags, ...negated, "--daemon", "--help", "--version"];
  const named = PAGE.match(/--[a-z][a-z0-9-]*/g) ?? [];
  assert.deepEqual(named.filter((flag) => !there.includes(flag)), []);
  const variables = PAGE.match(/\bDISKD_\w+/g) ?? [];
  assert.deepEqual(
    variables.filter((name) => !SETTING_VARIABLES.includes(name)),
    [],
  );
});

Deno.test("diskd.1 types only commands and flags that there are", () => {
  const examples = [...PAGE.matchAll(/^\.EX\n([^]*?)^\.EE$/gm)]
    .flatMap(([, text = ""]) => [...text.matchAll(/diskd ([a-z][^)\n"]*)/g)]);
  assert.ok(examples.length >= 6);
  for (const [, typed = ""] of examples) {
    const [name = "", ...words] = typed.split(" ");
    const flags = FLAGS.get(name);
    assert.ok(flags !== undefined, typed);
    for (const word of words) {
      const isFlag = word.startsWith("--") && word !== "--";
      assert.ok(!isFlag || flags.includes(word), typed);
    }
  }
});

Deno.test({
  ...needs("mandoc has nothing to say about diskd.1", {
    programs: ["mandoc"],
  }),
  async fn() {
    const argv = ["mandoc", "-T", "lint", "-W", "warning", PATH];
    const env = { PATH: "/usr/bin:/bin" };
    const { code, stdout, stderr } = await run(argv, { env });
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
  },
});

function section(heading: string): string {
  const [, text] = PAGE.split(/^\.SH /m)
    .map((part) => /^"?([^"\n]+)"?\n([^]*)$/.exec(part)?.slice(1) ?? [])
    .find(([found]) => found === heading) ?? [];
  assert.ok(text !== undefined, `There is no ${heading}`);
  return text;
}

/** Those of `COMMANDS`, each by its command without what stands for other words. */
function subsections(): { readonly name: string; readonly text: string }[] {
  return section("COMMANDS").split(/^\.SS "diskd /m).slice(1).map((part) => ({
    name: /^[a-z-]+(?: [a-z-]+)*/.exec(part)![0],
    text: part,
  }));
}

/** What is explained: each bold word of the lines behind `.TP` and `.TQ`. */
function tags(text: string): string[] {
  return [...text.matchAll(/^\.T[PQ]\n\.(?:B|BI|BR) (.*)$/gm)]
    .flatMap(([, line = ""]) => line.split(/ "[^"]*" ?| /))
    .filter((word) => word !== "");
}

function flagsIn(text: string): string[] {
  return tags(text).filter((word) => /^--./.test(word));
}
