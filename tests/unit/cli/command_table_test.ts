import assert from "node:assert/strict";
import { COMMAND_LINE, runCommandLine } from "../../../src/cli/app.ts";
import { flagName } from "../../../src/cli/command.ts";
import { loadCommands } from "../../../src/cli/commands.ts";
import { propose } from "../../../src/cli/propose.ts";
import { Answers } from "../../../src/control/answers.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  firstWord,
} from "../../../src/control/commands.ts";
import { ALL } from "../../../src/control/handlers.ts";
import { isMethodName, METHOD_NAMES } from "../../../src/control/parameters.ts";
import { SOCKET_WORDS } from "../../../src/control/typed_line.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "../../../src/render/export.ts";
import { Project } from "../../lint/project.ts";
import { PROJECT } from "../../support/program.ts";
import { FakeDaemon, PLAIN_TEXT } from "../control/support.ts";
import { sightingRow } from "../render/rows.ts";
import { type FakeContext, fakeContext } from "./fake_context.ts";

const LOADED = await loadCommands(COMMAND_NAMES);

/** Tables of what is done for each method or command: the type checker compares them with the names. */
const COMPLETE_TABLES = [
  "src/cli/commands.ts",
  "src/control/commands.ts",
  "src/control/parameters.ts",
  "src/control/views.ts",
  "src/daemon/handlers.ts",
  "src/daemon/text_style.ts",
  // Addresses, which a test compares with those of json.md.
  "src/web/documents.ts",
];

/** A file that names more commands has a table of them. */
const MAX_NAMED = 7;

Deno.test("no other file has a table of the commands", () => {
  const patterns = COMMAND_NAMES.map((name) =>
    new RegExp(`"${name}"|^ +"?${name}"?:`, "m")
  );
  const tables = Project.read(PROJECT).source
    .filter(({ text }) =>
      patterns.filter((pattern) => pattern.test(text)).length > MAX_NAMED
    )
    .map(({ path }) => path);
  assert.deepEqual(tables.sort(), COMPLETE_TABLES);
});

for (const name of COMMAND_NAMES) {
  const { brief, aliases = [], methods = [] } = COMMANDS[name];

  Deno.test(`${name} can be typed to a shell and at the prompt, and explains itself`, async () => {
    for (const typed of [name, ...aliases]) {
      for (const inPrompt of [false, true]) {
        const { code, context } = await run(`${typed} --help`, { inPrompt });
        assert.equal(code, 0);
        assert.match(
          context.stdout.text,
          name === "daemon"
            ? /^Usage: diskd --daemon /
            : new RegExp(`^Usage: diskd ${name} `),
        );
        assert.ok(context.stdout.text.includes(`\n\n${brief}`));
      }
    }
  });

  Deno.test(`${name} is completed with its flags`, async () => {
    const flags = Object.keys(LOADED.get(name)!.parameters.flags ?? {})
      .map(flagName);
    const found = await proposed(name.split(" "), { partial: "--" });
    assert.deepEqual(
      found.toSorted(),
      [...flags, "--", "--help", "--version"].toSorted(),
    );
  });

  Deno.test(`${name} is found behind its flags and their values`, async () => {
    for (const flag of flagsWithValue(name)) {
      const value = flag === "--since" ? "2d" : "json";
      const { code, context } = await run(`${flag} ${value} ${name} --help`);
      assert.deepEqual([code, context.stderr.text], [0, ""], flag);
      assert.ok(context.stdout.text.includes(`\n\n${brief}`), flag);
    }
  });

  const [first = "watch"] = methods;
  if (isMethodName(first)) {
    Deno.test(`${name} calls the daemon, ${first} first`, async () => {
      assert.deepEqual(await methodsCalled(name), [first]);
    });
  }
}

Deno.test("each method is called by a command, or completes names, or is where, which is for scripts", () => {
  const called = new Set(COMMAND_NAMES.flatMap((name) => [
    ...COMMANDS[name].methods ?? [],
    ...COMMANDS[name].socket?.methods ?? [],
  ]));
  assert.deepEqual(
    METHOD_NAMES.filter((method) => !called.has(method)),
    ["where", "names"],
  );
});

Deno.test("a shell and the prompt are offered each command that means something there", async () => {
  const words = COMMAND_NAMES.filter((name) => !COMMANDS[name].isHidden)
    .map(firstWord);
  const all = [...new Set(words)].sort();
  const atPrompt = await proposed([], { partial: "", inPrompt: true });
  assert.deepEqual(atPrompt.toSorted(), all);
  const inShell = await proposed([], { partial: "" });
  assert.deepEqual(
    inShell.toSorted(),
    all.filter((word) => word !== "quit"),
  );
});

Deno.test("the control socket calls the methods of each of its commands", async () => {
  for (const { word, argument, methods } of SOCKET_WORDS) {
    const { handlers, asked } = new FakeDaemon({
      status: () => {
        asked.push("status");
        throw new Error("none is made here");
      },
    });
    const answers = new Answers({
      handlers,
      text: PLAIN_TEXT,
      access: ALL,
      onFailure() {},
    });
    await answers.toText(argument === null ? word : `${word} x`);
    const called = asked.map((line) => line.split(" ")[0]);
    assert.deepEqual(called, methods.filter(isMethodName), word);
  }
});

Deno.test("options of the control socket are flags of the command", () => {
  for (const { name, options } of SOCKET_WORDS) {
    const flags = Object.keys(LOADED.get(name)!.parameters.flags ?? {})
      .map(flagName);
    for (const option of Object.keys(options)) {
      assert.ok(flags.includes(option), `${name} ${option}`);
    }
  }
});

Deno.test("valueFlags() has the flags that --help shows with a value", async () => {
  const known = await COMMAND_LINE.valueFlags(COMMAND_NAMES);
  const shown = COMMAND_NAMES.flatMap(flagsWithValue);
  assert.ok(shown.length > 50);
  assert.deepEqual(new Set(known), new Set([...shown, "-o"]));
});

/** Each has a placeholder for its value. */
function flagsWithValue(name: CommandName): string[] {
  return Object.entries(LOADED.get(name)!.parameters.flags ?? {})
    .filter(([, { placeholder }]) => placeholder !== undefined)
    .map(([flag]) => flagName(flag));
}

async function run(
  line: string,
  { inPrompt = false }: { readonly inPrompt?: boolean } = {},
): Promise<{ readonly code: number; readonly context: FakeContext }> {
  const context = fakeContext({ inPrompt });
  const code = await runCommandLine(line.split(" "), context);
  return { code, context };
}

async function proposed(
  words: readonly string[],
  { partial, inPrompt = false }: {
    readonly partial: string;
    readonly inPrompt?: boolean;
  },
): Promise<readonly string[]> {
  const found = await propose({ words, partial }, fakeContext({ inPrompt }));
  assert.equal(found.kind, "words");
  return found.proposals.map(({ text }) => text);
}

/** Up to the first one, which is not answered. */
async function methodsCalled(name: CommandName): Promise<readonly string[]> {
  const called: string[] = [];
  const refuse = (method: string) => () => {
    called.push(method);
    throw new Error("nothing is answered here");
  };
  const answers = Object.fromEntries(
    METHOD_NAMES.map((method) => [method, refuse(method)]),
  );
  const stdin = JSON.stringify({
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    sightings: [sightingRow()],
  });
  const words = /^name\b/.test(COMMANDS[name].words?.placeholder ?? "")
    ? ["x"]
    : [];
  const flags = name === "forget" ? ["--yes"] : [];
  await runCommandLine(
    [name, ...flags, ...words],
    fakeContext({ answers, stdin }),
  );
  return called;
}
