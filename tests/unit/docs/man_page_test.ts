import assert from "node:assert/strict";
import deno from "../../../deno.json" with { type: "json" };
import { loadCommands } from "../../../src/cli/commands.ts";
import { COMMAND_NAMES, COMMANDS } from "../../../src/control/commands.ts";
import { EXIT_CODES } from "../../../src/system/exit_code.ts";
import { COMMON_FLAGS, flagName } from "../../../src/cli/command.ts";
import { loadConfig } from "../../../src/config/load_config.ts";
import {
  SETTING_LIST,
  SETTING_VARIABLES,
  SETTINGS,
  showSetting,
} from "../../../src/config/settings.ts";
import { ATTENDED_VARIABLES } from "../../../src/mount/attended_environment.ts";
import { runCommandLine } from "../../../src/cli/app.ts";
import { VERSION } from "../../../src/version.ts";
import { needs } from "../../support/needs.ts";
import { run } from "../../support/process.ts";
import { PROJECT } from "../../support/program.ts";
import { fakeContext } from "../cli/fake_context.ts";
import { document, DOCUMENTS } from "./documents.ts";
import { codeSpans, rowsOf } from "./markdown.ts";
import { thirdPerson } from "./third_person.ts";

const FOLDER = `${PROJECT}/packaging/man`;
const COMMANDS_PAGE = page("diskd.1");
const DAEMON_PAGE = page("diskd.8");
const SETTINGS_PAGE = page("diskd.yaml.5");
const PAGES = [COMMANDS_PAGE, DAEMON_PAGE, SETTINGS_PAGE];

interface Page {
  readonly path: string;
  readonly name: string;
  readonly section: string;
  /** Without the escapes that only a formatter needs. */
  readonly text: string;
}

function page(file: string): Page {
  const path = `${FOLDER}/${file}`;
  const dot = file.lastIndexOf(".");
  const text = Deno.readTextFileSync(path)
    .replaceAll("\\-", "-")
    .replaceAll("\\(ti", "~");
  return { path, name: file.slice(0, dot), section: file.slice(dot + 1), text };
}

/** Flags of each command, by what is typed for it: `key new`. */
const FLAGS: ReadonlyMap<string, readonly string[]> = new Map(
  [...await loadCommands(COMMAND_NAMES)].map(([name, { parameters }]) => [
    name,
    Object.keys(parameters.flags ?? {}).map(flagName),
  ]),
);

/** Typed by nobody: a script does, or it is what `diskd` alone is. */
const NOT_TYPED = ["prompt", "complete-line"];

/** With a space in a page. */
const PAGE_NAME = /\b(diskd(?:\.\w+)?) ?\((\d)\)/g;

/** Settings whose default is true. */
const NEGATED = SETTING_LIST.flatMap(([, { flag, default: value }]) =>
  flag !== null && value === true ? [`--no-${flag}`] : []
);

Deno.test("the man pages are all that is in their folder", () => {
  assert.deepEqual(
    [...Deno.readDirSync(FOLDER)].map(({ name }) => name).toSorted(),
    PAGES.map(({ path }) => path.slice(FOLDER.length + 1)),
  );
});

Deno.test("diskd.1 has each command but the daemon, and none besides", () => {
  const documented = subsections().map(({ name }) => name);
  const there = [...FLAGS.keys()]
    .filter((name) => ![...NOT_TYPED, "daemon"].includes(name));
  assert.deepEqual(documented.toSorted(), there.toSorted());
  for (const name of COMMAND_NAMES) {
    for (const alias of COMMANDS[name].aliases ?? []) {
      assert.ok(COMMANDS_PAGE.text.includes(`.B diskd ${alias}`), alias);
    }
  }
  assert.ok(DAEMON_PAGE.text.includes(".B diskd daemon\n"));
});

for (const [name, flags] of FLAGS) {
  if (NOT_TYPED.includes(name)) continue;
  Deno.test(`the man pages have each flag of ${name} once, and none besides`, () => {
    if (name === "daemon") {
      const documented = [
        ...flagsIn(section(DAEMON_PAGE, "OPTIONS")),
        ...settingTags().flat().filter((word) => word.startsWith("--")),
      ];
      assert.deepEqual(
        documented.toSorted(),
        [...flags, ...NEGATED].toSorted(),
      );
      return;
    }
    const { text } = subsections().find((one) => one.name === name)!;
    const common = Object.keys(COMMON_FLAGS).map(flagName);
    const own = flags.filter((flag) => !common.includes(flag));
    assert.deepEqual(flagsIn(text).toSorted(), own.toSorted());
  });
}

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
  const documented = flagsIn(section(COMMANDS_PAGE, "OPTIONS"));
  assert.deepEqual(documented.toSorted(), all.toSorted());
});

Deno.test("diskd.1 has each exit code, what it means, and none besides", () => {
  const text = section(COMMANDS_PAGE, "EXIT STATUS");
  const codes = Object.values(EXIT_CODES);
  assert.deepEqual(tags(text).map(Number), codes.map(({ code }) => code));
  const said = text.replaceAll("\n", " ").toLowerCase();
  for (const { code, meaning } of codes) {
    assert.ok(said.includes(`.b ${code} ${meaning.toLowerCase()}`), meaning);
  }
});

Deno.test("diskd.8 has the exit codes of the daemon", () => {
  const text = section(DAEMON_PAGE, "EXIT STATUS");
  const { ok, notKnown, usage } = EXIT_CODES;
  assert.deepEqual(
    tags(text).map(Number),
    [ok, notKnown, usage].map(({ code }) => code),
  );
});

Deno.test("the man pages have each variable that is read once, and none besides", () => {
  const documented = [
    ...tags(section(COMMANDS_PAGE, "ENVIRONMENT")),
    ...tags(section(DAEMON_PAGE, "ENVIRONMENT")),
    ...tags(section(SETTINGS_PAGE, "DESCRIPTION")),
    ...settingTags().flat().filter((word) => /^[A-Z]/.test(word)),
  ];
  const read = deno.permissions.diskd.env.filter((name) => name !== "DISKD_*");
  assert.deepEqual(
    documented.toSorted(),
    [...read, ...SETTING_VARIABLES].toSorted(),
  );
});

Deno.test("diskd.yaml.5 has each setting once, in each of its spellings", () => {
  assert.deepEqual(
    settingTags(),
    Object.values(SETTINGS).map(({ key, variable, flag }) => [
      key,
      ...variable === null ? [] : [variable],
      ...flag === null ? [] : [`--${flag}`],
      ...NEGATED.filter((negated) => negated === `--no-${flag}`),
    ]),
  );
});

Deno.test("diskd.yaml.5 says of each setting what --help says, its default, and what it may be", () => {
  for (const [name, setting] of SETTING_LIST) {
    const { key, type, help } = setting;
    const said = settings().find(({ words }) => words[0] === key)!.text;
    const [brief = ""] = help.split(/[,;]/);
    assert.ok(said.startsWith(brief), `${key}: ${brief}`);
    const value = SHOWN_DEFAULTS[name];
    assert.ok(said.includes(` Default: ${value}.`), `${key}: ${value}`);
    const named = numbersIn(said);
    for (const number of numbersIn(type.expected)) {
      // Examples of times, and a greatest length.
      const isExample = type.expected.startsWith("seconds,") &&
        !/^(?:100ms|24h)$/.test(number);
      assert.ok(isExample || named.has(number), `${key}: ${number}`);
    }
    if (!Array.isArray(type.proposals)) continue;
    for (const word of type.proposals) {
      assert.match(said, new RegExp(`\\b${word}\\b`), key);
    }
  }
});

/** What `config check` of root shows without a file. */
const SHOWN_DEFAULTS = (() => {
  const config = loadConfig({
    flags: {},
    env: {},
    readText: () => null,
    uid: 0,
  });
  return Object.fromEntries(
    SETTING_LIST.map(([name, one]) => [name, showSetting(one, config[name])]),
  );
})();

Deno.test("diskd.yaml.5 says which changes are not applied at SIGHUP", () => {
  const text = section(SETTINGS_PAGE, "CHANGES").replaceAll("\n", " ");
  const keys = (when: string) =>
    Object.values(SETTINGS).filter(({ applied }) => applied === when)
      .map(({ key }) => key).join(", ");
  assert.ok(text.includes(`a restart: ${keys("at a restart")}.`));
  assert.ok(text.includes(`at once: ${keys("at the next command")}.`));
});

Deno.test("diskd.yaml.5 shows a configuration that is taken", () => {
  const [, example = ""] = /^\.EX\n([^]*?)^\.EE$/m
    .exec(section(SETTINGS_PAGE, "DESCRIPTION")) ?? [];
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
  const given = section(COMMANDS_PAGE, "ENVIRONMENT").split(".TP\n").at(-1)!;
  const named = given.match(/\b[A-Z0-9_]{3,}\b/g) ?? [];
  assert.deepEqual(named.toSorted(), ATTENDED_VARIABLES.toSorted());
});

Deno.test("diskd.8 has each signal that the program knows", () => {
  assert.deepEqual(
    tags(section(DAEMON_PAGE, "SIGNALS")),
    ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"],
  );
});

Deno.test("the man pages have each file of configuration.md once, and none besides", () => {
  const documented = [COMMANDS_PAGE, DAEMON_PAGE]
    .flatMap((one) =>
      [...section(one, "FILES").matchAll(/^\.TP\n\.I (.*)$/gm)]
        .map(([, path = ""]) => path)
    );
  const files = rowsOf(document("docs/configuration.md"), "File")
    .map(([path = ""]) => codeSpans(path)[0]!);
  assert.ok(files.length >= 20);
  assert.deepEqual(documented.toSorted(), files.toSorted());
});

Deno.test("--help leads to the man pages", async () => {
  const led = [
    ["--help", "diskd(1), diskd(8), diskd.yaml(5)"],
    ["--daemon --help", "diskd(8), diskd.yaml(5)"],
    ["config check --help", "diskd.yaml(5)"],
  ] as const;
  for (const [typed, pages] of led) {
    const context = fakeContext();
    await runCommandLine(typed.split(" "), context);
    const named = context.stdout.text.match(PAGE_NAME) ?? [];
    assert.equal(named.join(", "), pages, typed);
  }
});

Deno.test("documents and man pages name no man page of diskd that is not there", () => {
  const texts = [...PAGES.map(({ text }) => text), ...DOCUMENTS.values()];
  const named = texts.flatMap((text) => [...text.matchAll(PAGE_NAME)]);
  assert.ok(named.length > 20);
  for (const [, name, section] of named) {
    assert.ok(
      PAGES.some((one) => one.name === name && one.section === section),
      `${name}(${section})`,
    );
  }
});

for (const { path, name, section, text } of PAGES) {
  const file = path.slice(FOLDER.length + 1);

  Deno.test(`${file} is of this version, and called so`, () => {
    const title = `.TH ${name.toUpperCase()} ${section} `;
    assert.match(text, new RegExp(`^${title}\\S+ "diskd ${VERSION}" `, "m"));
    assert.match(text, new RegExp(`^\\.SH NAME\\n${name} - \\w`, "m"));
  });

  Deno.test(`${file} leads to the other pages`, () => {
    const others = PAGES.filter((one) => one.path !== path)
      .map((one) => `${one.name} (${one.section})`);
    const shown = [...text.split('.SH "SEE ALSO"')[1]!
      .matchAll(/^\.BR (\S+ \((\d)\)),?$/gm)];
    const names = shown.map(([, one = ""]) => one);
    for (const other of others) assert.ok(names.includes(other), other);
    // By section, then by name, the project's own first.
    const sections = shown.map(([, , number]) => Number(number));
    assert.deepEqual(sections, sections.toSorted((a, b) => a - b));
  });

  Deno.test(`${file} names no flag and no variable that is not there`, () => {
    const flags = [...FLAGS.values()].flat();
    const there = [...flags, ...NEGATED, "--daemon", "--help", "--version"];
    const named = text.match(/--[a-z][a-z0-9-]*/g) ?? [];
    assert.deepEqual(named.filter((flag) => !there.includes(flag)), []);
    const variables = text.match(/\bDISKD_\w+/g) ?? [];
    assert.deepEqual(
      variables.filter((name) => !SETTING_VARIABLES.includes(name)),
      [],
    );
  });

  const argvs = [
    ["mandoc", "-T", "lint", "-W", "all", path],
    ["groff", "-ww", "-man", "-z", "-Tutf8", path],
    ["man", "--warnings", "-l", path],
  ];
  for (const argv of argvs) {
    const [program = ""] = argv;
    Deno.test({
      ...needs(`${program} has nothing to say against ${file}`, {
        programs: [program],
      }),
      async fn() {
        const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" };
        const { code, stdout, stderr } = await run(argv, { env });
        assert.deepEqual([code, stderr], [0, ""]);
        if (program !== "man") assert.equal(stdout, "");
        else assert.match(stdout, /SEE ALSO/);
      },
    });
  }
}

Deno.test("diskd.1 types only commands and flags that there are", () => {
  const examples = [...COMMANDS_PAGE.text.matchAll(/^\.EX\n([^]*?)^\.EE$/gm)]
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

function section({ text }: Page, heading: string): string {
  const [, found] = text.split(/^\.SH /m)
    .map((part) => /^"?([^"\n]+)"?\n([^]*)$/.exec(part)?.slice(1) ?? [])
    .find(([title]) => title === heading) ?? [];
  assert.ok(found !== undefined, `There is no ${heading}`);
  return found;
}

/** Those of `COMMANDS`, each by its command without what stands for other words. */
function subsections(): { readonly name: string; readonly text: string }[] {
  return section(COMMANDS_PAGE, "COMMANDS").split(/^\.SS "diskd /m).slice(1)
    .map((part) => ({
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

/** The settings: their spellings without values, and what is said of them. */
function settings(): { readonly words: string[]; readonly text: string }[] {
  return section(SETTINGS_PAGE, "SETTINGS").split(/^\.TP$/m).slice(1)
    .map((part) => {
      const [, line = "", ...lines] = part.split("\n");
      const [, bold = ""] = /^\.BI? "?([^"]*)/.exec(line)!;
      return { words: bold.split(", "), text: lines.join(" ") };
    });
}

function settingTags(): string[][] {
  return settings().map(({ words }) => words);
}

/** Numbers, with their units. */
function numbersIn(text: string): Set<string> {
  return new Set(text.replaceAll(",", "").match(/\d+[a-z]*/g));
}
