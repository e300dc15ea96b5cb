import assert from "node:assert/strict";
import { join } from "node:path";
import { MODULE_MAP } from "../../lint/module_map.ts";
import plugin from "../../lint/plugin.ts";
import { messagesOf } from "./messages_of.ts";

const ROOT = join(import.meta.dirname!, "../../..");

/** The messages of `rule` about `source`, as if it were in the file `path`. */
function lint(rule: string, path: string, source: string): string[] {
  return messagesOf(plugin.rules[rule]!, path, source);
}

/** Each way to import a file but `import()`. */
const WAYS = [
  (path: string) => `import { a } from "${path}";`,
  (path: string) => `import "${path}";`,
  (path: string) => `export { a } from "${path}";`,
  (path: string) => `export * from "${path}";`,
  (path: string) => `import type { A } from "${path}";`,
  (path: string) => `type A = import("${path}").A;`,
];

Deno.test("map/arrows has a line for each folder of src", () => {
  const folders = [...Deno.readDirSync(join(ROOT, "src"))]
    .filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name);
  assert.deepEqual(Object.keys(MODULE_MAP).sort(), folders.sort());
});

Deno.test("map/arrows lets no folder import one that comes after it, but later", () => {
  const folders = Object.keys(MODULE_MAP);
  for (const [index, folder] of folders.entries()) {
    const { imports = [], types = [] } = MODULE_MAP[folder]!;
    for (const other of [...imports, ...types]) {
      assert.ok(
        folders.indexOf(other) >= 0 && folders.indexOf(other) < index,
        `${folder} -> ${other}`,
      );
    }
  }
});

Deno.test("map/arrows lets each folder import itself, version.ts, packages and where an arrow leads", () => {
  for (const [folder, { imports = [] }] of Object.entries(MODULE_MAP)) {
    const paths = [
      "./other.ts",
      "../version.ts",
      "valibot",
      "npm:valibot",
      "node:assert",
      ...imports.map((other) => `../${other}/a.ts`),
    ];
    for (const path of paths) {
      for (const write of [...WAYS, (path: string) => `import("${path}");`]) {
        const source = write(path);
        assert.deepEqual(lint("arrows", `src/${folder}/a.ts`, source), []);
      }
    }
  }
});

Deno.test("map/arrows refuses every import, in each way, where no arrow leads", () => {
  const folders = Object.keys(MODULE_MAP);
  for (
    const [folder, { imports = [], types = [] }] of Object.entries(MODULE_MAP)
  ) {
    const allowed = [folder, ...imports, ...types];
    for (const other of folders.filter((name) => !allowed.includes(name))) {
      for (const write of WAYS) {
        const source = write(`../${other}/a.ts`);
        const messages = lint("arrows", `src/${folder}/a.ts`, source);
        assert.equal(messages.length, 1, `${folder}: ${source}`);
      }
    }
  }
});

Deno.test("map/arrows says what may be imported instead", () => {
  assert.deepEqual(
    lint("arrows", "src/codec/a.ts", 'import "../peer/peer.ts";'),
    ["src/codec/a.ts imports src/peer/peer.ts, and src/codec may only import text, inventory"],
  );
  assert.deepEqual(
    lint("arrows", "src/inventory/a.ts", 'import "../peer/peer.ts";'),
    ["src/inventory/a.ts imports src/peer/peer.ts, and src/inventory may only import text"],
  );
});

Deno.test("map/arrows lets render import types of control, and nothing that runs", () => {
  const of = (source: string) => lint("arrows", "src/render/a.ts", source);
  assert.deepEqual(of('import type { A } from "../control/views.ts";'), []);
  assert.deepEqual(of('import { type A } from "../control/views.ts";'), []);
  assert.deepEqual(of('export type { A } from "../control/views.ts";'), []);
  const refused = [
    "src/render/a.ts imports src/control/views.ts, and src/render may only import types of it",
  ];
  assert.deepEqual(of('import { A } from "../control/views.ts";'), refused);
  assert.deepEqual(
    of('import { type A, b } from "../control/views.ts";'),
    refused,
  );
  assert.deepEqual(of('import "../control/views.ts";'), refused);
  assert.deepEqual(of('import("../control/views.ts");'), refused);
});

Deno.test("map/arrows lets cli import() daemon, and in no other way", () => {
  const of = (source: string) => lint("arrows", "src/cli/daemon.ts", source);
  assert.deepEqual(of('await import("../daemon/mod.ts");'), []);
  const refused = [
    "src/cli/daemon.ts imports src/daemon/mod.ts, and src/cli may only import() it",
  ];
  for (const write of WAYS) {
    assert.deepEqual(of(write("../daemon/mod.ts")), refused);
  }
});

Deno.test("map/arrows lets main.ts import cli and the version only", () => {
  assert.deepEqual(lint("arrows", "main.ts", 'import "./src/cli/mod.ts";'), []);
  assert.deepEqual(
    lint("arrows", "main.ts", 'import("./src/daemon/mod.ts");'),
    [
      "main.ts imports src/daemon/mod.ts, and may only import src/cli",
    ],
  );
  assert.deepEqual(
    lint("arrows", "main.ts", 'import { VERSION } from "./src/version.ts";'),
    [],
  );
});

Deno.test("map/arrows refuses an import from outside of src", () => {
  assert.deepEqual(
    lint("arrows", "src/cli/a.ts", 'import "../../tests/support/lan.ts";'),
    ["src/cli/a.ts imports tests/support/lan.ts, which is outside of src/"],
  );
  assert.equal(
    lint("arrows", "src/cli/a.ts", 'import "../../main.ts";').length,
    1,
  );
});

Deno.test("map/arrows refuses an import() that cannot be checked", () => {
  assert.equal(lint("arrows", "src/cli/a.ts", "import(path);").length, 1);
  assert.equal(lint("arrows", "src/cli/a.ts", "import(`../${a}`);").length, 1);
});

Deno.test("map/arrows refuses imports of a folder that is not in the map, and of a file in none", () => {
  assert.deepEqual(
    lint("arrows", "src/extra/a.ts", 'import "../codec/a.ts";'),
    [
      "src/extra/a.ts is in no folder of the map",
    ],
  );
  assert.equal(
    lint("arrows", "src/version.ts", 'import "./codec/a.ts";').length,
    1,
  );
});

Deno.test("map/arrows leaves tests and deeper files of a folder alone", () => {
  assert.deepEqual(
    lint("arrows", "tests/unit/a.ts", 'import "../../src/cli/a.ts";'),
    [],
  );
  assert.deepEqual(
    lint(
      "arrows",
      "src/cli/deep/a.ts",
      'import "../b.ts"; import "../../render/a.ts";',
    ),
    [],
  );
  assert.equal(
    lint("arrows", "src/codec/deep/a.ts", 'import "../../peer/a.ts";').length,
    1,
  );
});

const PURE = [
  "src/inventory/a.ts",
  "src/codec/a.ts",
  "src/codec/deep/a.ts",
  "src/peer/a.ts",
  "src/render/a.ts",
  "src/probe/parse_blkid.ts",
];

const IMPURE: readonly (readonly [string, string])[] = [
  ["Deno.hostname();", "Deno"],
  ["type A = Deno.Conn;", "Deno"],
  ["const { env } = Deno;", "Deno"],
  ["globalThis.x;", "globalThis"],
  ["process.exit();", "process"],
  ["console.log(1);", "console"],
  ["const a = { console };", "console"],
  ["Date.now();", "Date"],
  ['Date["now"]();', "Date"],
  ["new Date();", "Date"],
  ["Date();", "Date"],
  ["const { now } = Date;", "Date"],
  ["performance.now();", "performance"],
  ["Math.random();", "Math"],
  ['Math["random"]();', "Math"],
  ["const a = Math.random;", "Math"],
  ["crypto.getRandomValues(a);", "getRandomValues"],
  ["crypto.randomUUID();", "randomUUID"],
  ['import { randomUUID } from "node:crypto";', "randomUUID"],
  ["setTimeout(a, 1);", "setTimeout"],
  ["setInterval(a, 1);", "setInterval"],
  ["queueMicrotask(a);", "queueMicrotask"],
  ["Promise.resolve();", "Promise"],
  ["async function a() {}", "async"],
  ["const a = async () => {};", "async"],
  ["const a = { async b() {} };", "async"],
  ["class A { async b() {} }", "async"],
  ["await a;", "await"],
  ["for await (const a of b) { a; }", "for await"],
  ['import "node:fs";', "node:fs"],
];

for (const [source, name] of IMPURE) {
  Deno.test(`map/pure refuses ${source}`, () => {
    for (const path of PURE) {
      const messages = lint("pure", path, source);
      assert.ok(messages.length > 0, path);
      for (const message of messages) {
        assert.ok(message.startsWith(`${name} in a pure file: it `), message);
      }
    }
    for (const path of ["src/probe/scan.ts", "src/peers/a.ts", "tests/a.ts"]) {
      assert.deepEqual(lint("pure", path, source), []);
    }
  });
}

const HARMLESS = [
  "new Date(ms).toISOString();",
  "Date.parse(text); Date.UTC(2026);",
  "a instanceof Date; type A = Date;",
  "Math.max(1, 2);",
  "a.console; a.performance(); a.Deno;",
  "const a = { process: 1, setTimeout() {} };",
  "class A { console = 1; performance() {} }",
  "interface A { console: number; performance(): void }",
  'import { createHmac } from "node:crypto";',
  "// Deno, console, Math.random()",
  'const a = "await Deno";',
];

for (const source of HARMLESS) {
  Deno.test(`map/pure allows ${source}`, () => {
    assert.deepEqual(lint("pure", "src/codec/a.ts", source), []);
  });
}

Deno.test("map/exit lets main.ts alone end the program", () => {
  const ends = [
    "Deno.exit(1);",
    'Deno["exit"](1);',
    "const end = Deno.exit;",
    "const { exit } = Deno;",
    "process.exit();",
  ];
  for (const source of ends) {
    for (const path of ["src/cli/a.ts", "src/daemon/a.ts", "src/version.ts"]) {
      assert.deepEqual(lint("exit", path, source), [
        "only main.ts may end the program",
      ]);
    }
    assert.deepEqual(lint("exit", "main.ts", source), []);
  }
  assert.deepEqual(
    lint("exit", "src/cli/a.ts", "a.exit(); Deno.pid; const { pid } = Deno;"),
    [],
  );
});

Deno.test("map/short lets a function have 70 lines, and no more", () => {
  const body = (lines: number) => `{${"\n".repeat(lines - 1)}}`;
  const functions = [
    (lines: number) => `function a() ${body(lines)}`,
    (lines: number) => `export async function a() ${body(lines)}`,
    (lines: number) => `const a = () => ${body(lines)};`,
    (lines: number) => `class A { a() ${body(lines)} }`,
    (lines: number) => `class A { get #a() ${body(lines)} }`,
    (lines: number) => `const a = { a() ${body(lines)} };`,
    (lines: number) => `const a = function () ${body(lines)};`,
  ];
  for (const write of functions) {
    assert.deepEqual(lint("short", "src/cli/a.ts", write(70)), []);
    assert.deepEqual(lint("short", "tests/a.ts", write(71)), []);
    assert.deepEqual(lint("short", "src/cli/a.ts", write(71)), [
      "a function of 71 lines, expected at most 70",
    ]);
  }
});
