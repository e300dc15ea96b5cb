import assert from "node:assert/strict";
import plugin from "../../lint/plugin.ts";
import { Project } from "../../lint/project.ts";
import {
  circleRule,
  oneMeaningRule,
  type ProjectSource,
  unusedExportRule,
} from "../../lint/project_rules.ts";
import { messagesOf } from "./messages_of.ts";

type Sources = Readonly<Record<string, string>>;

/** What a rule says of each file of a project, `path: message`. */
function lint(
  rule: (project: ProjectSource) => Deno.lint.Rule,
  sources: Sources,
): string[] {
  const project = new Project(Object.entries(sources));
  return Object.entries(sources).flatMap(([path, source]) =>
    messagesOf(rule(() => project), path, source)
      .map((message) => `${path}: ${message}`)
  );
}

const circles = (sources: Sources) => lint(circleRule, sources);
const unused = (sources: Sources) => lint(unusedExportRule, sources);
const twice = (sources: Sources) => lint(oneMeaningRule, sources);

const IMPORTS = [
  'import { a } from "../a/a.ts";',
  'import "../a/a.ts";',
  'import * as all from "../a/a.ts";',
  'import type { a } from "../a/a.ts";',
  'import { type a } from "../a/a.ts";',
  'export { a } from "../a/a.ts";',
  'export * from "../a/a.ts";',
  'const f = async () => (await import("../a/a.ts")).a;',
  'type A = import("../a/a.ts").a;',
];

for (const source of IMPORTS) {
  Deno.test(`map/circle refuses a circle of ${source}`, () => {
    assert.deepEqual(
      circles({
        "src/a/a.ts": 'import "../b/b.ts"; export type a = 1;',
        "src/b/b.ts": source,
      }),
      [
        "src/a/a.ts: a circle of imports: src/a/a.ts -> src/b/b.ts -> src/a/a.ts",
        "src/b/b.ts: a circle of imports: src/b/b.ts -> src/a/a.ts -> src/b/b.ts",
      ],
    );
  });
}

Deno.test("map/circle shows the shortest way back, and only where one leads back", () => {
  assert.deepEqual(
    circles({
      "src/a.ts": 'import "./b.ts"; import "./far.ts"; import "./end.ts";',
      "src/b.ts": 'import "./c.ts";',
      "src/c.ts": 'import "./a.ts"; import "./end.ts";',
      "src/far.ts": 'import "./b.ts";',
      "src/end.ts": 'import "node:path";',
    }),
    [
      "src/a.ts: a circle of imports: src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts",
      "src/a.ts: a circle of imports: src/a.ts -> src/far.ts -> src/b.ts -> src/c.ts -> src/a.ts",
      "src/b.ts: a circle of imports: src/b.ts -> src/c.ts -> src/a.ts -> src/b.ts",
      "src/c.ts: a circle of imports: src/c.ts -> src/a.ts -> src/b.ts -> src/c.ts",
      "src/far.ts: a circle of imports: src/far.ts -> src/b.ts -> src/c.ts -> src/a.ts -> src/far.ts",
    ],
  );
});

Deno.test("map/circle refuses a file that imports itself", () => {
  assert.deepEqual(circles({ "src/a.ts": 'import "./a.ts";' }), [
    "src/a.ts: a circle of imports: src/a.ts -> src/a.ts",
  ]);
});

Deno.test("map/circle lets two files import a third, and tests do as they like", () => {
  assert.deepEqual(
    circles({
      "src/a.ts": 'import "./b.ts"; import "./c.ts";',
      "src/b.ts": 'import "./c.ts";',
      "src/c.ts": "",
      "tests/a.ts": 'import "./b.ts";',
      "tests/b.ts": 'import "./a.ts";',
    }),
    [],
  );
});

const EXPORTS = [
  "export const a = 1;",
  "export const { b: a } = c;",
  "export const [a = 1] = c;",
  "export let a: number;",
  "export function a() {}",
  "export async function* a() {}",
  "export class a {}",
  "export abstract class a {}",
  "export interface a {}",
  "export type a = 1;",
  "export enum a {}",
  "const a = 1; export { a };",
  "const b = 1; export { b as a };",
  'export { a } from "./other.ts";',
  'export type { b as a } from "./other.ts";',
];

for (const source of EXPORTS) {
  Deno.test(`map/unused_export refuses ${source} unless another file imports it`, () => {
    assert.deepEqual(unused({ "src/a/a.ts": `${source} a;` }), [
      "src/a/a.ts: a is exported, and no other file imports it",
    ]);
    for (const path of ["src/b/b.ts", "main.ts", "tests/unit/a_test.ts"]) {
      const up = path.replace(/[^/]+$/, "").replaceAll(/[^/]+/g, "..");
      const user = `import { a } from "./${up}src/a/a.ts";`;
      assert.deepEqual(unused({ "src/a/a.ts": source, [path]: user }), []);
    }
  });
}

const USES = [
  ...IMPORTS.filter((source) => source !== 'import "../a/a.ts";'),
  'import { a as b } from "../a/a.ts";',
  'const { a } = await import("../a/a.ts");',
  'const { a: b } = await import("../a/a.ts");',
  'const all = await import("../a/a.ts");',
  'const all = import("../a/a.ts");',
  'const { ...all } = await import("../a/a.ts");',
  'type A = import("../a/a.ts").a.b;',
];

for (const source of USES) {
  Deno.test(`map/unused_export counts ${source}`, () => {
    const messages = unused({
      "src/a/a.ts": "export const a = 1;",
      "tests/b.ts": source.replace("../", "../src/"),
    });
    assert.deepEqual(messages, []);
  });
}

const OTHER_USES = [
  'import "../a/a.ts";',
  'import { b } from "../a/a.ts";',
  'import { b as a } from "../a/a.ts";',
  'import { a } from "../c/a.ts";',
  'export { b as a } from "../a/a.ts";',
  'const { b: a } = await import("../a/a.ts");',
  'const a = (await import("../a/a.ts")).b;',
  'type A = import("../a/a.ts").b;',
];

for (const source of OTHER_USES) {
  Deno.test(`map/unused_export does not count ${source}`, () => {
    const messages = unused({
      "src/a/a.ts": "export const a = 1;",
      "tests/b.ts": source.replace("../", "../src/"),
    });
    assert.deepEqual(messages, [
      "src/a/a.ts: a is exported, and no other file imports it",
    ]);
  });
}

Deno.test("map/unused_export does not count what a file does with its own export", () => {
  assert.deepEqual(
    unused({ "src/a.ts": 'import { a } from "./a.ts"; export const a = 1;' }),
    ["src/a.ts: a is exported, and no other file imports it"],
  );
});

Deno.test("map/unused_export refuses a default that nobody imports, and export *", () => {
  const sources = {
    "src/a.ts": "export default function a() {}",
    "src/b.ts": 'export * from "./c.ts";',
    "src/c.ts": "export const c = 1;",
  };
  assert.deepEqual(unused(sources), [
    "src/a.ts: default is exported, and no other file imports it",
    "src/b.ts: `export *` does not say what it exports",
  ]);
  const main = 'import a from "./src/a.ts";';
  assert.equal(unused({ ...sources, "main.ts": main }).length, 1);
});

Deno.test("map/unused_export does not ask tests whether somebody uses theirs", () => {
  assert.deepEqual(unused({ "tests/a.ts": "export const a = 1;" }), []);
});

Deno.test("map/one_meaning refuses a type that another file declares too, exported or not", () => {
  assert.deepEqual(
    twice({
      "src/a.ts": "export interface Row {}",
      "src/b.ts": "type Row = 1; type Other = 1;",
      "src/c.ts": "class Row {}",
      "src/d.ts": "enum Kind {}",
      "src/e.ts": "interface Kind {}",
      "tests/a.ts": "export class Row {} class Other {}",
    }),
    [
      "src/a.ts: Row has another meaning in src/b.ts, src/c.ts",
      "src/b.ts: Row has another meaning in src/a.ts, src/c.ts",
      "src/c.ts: Row has another meaning in src/a.ts, src/b.ts",
      "src/d.ts: Kind has another meaning in src/e.ts",
      "src/e.ts: Kind has another meaning in src/d.ts",
    ],
  );
});

Deno.test("map/one_meaning refuses a function that two files export, and a constant that one exports", () => {
  assert.deepEqual(
    twice({
      "src/a.ts": "export function show() {} export const MAX_A = 1;",
      "src/b.ts": "export const show = 1; const { MAX_A } = show;",
    }),
    [
      "src/a.ts: show has another meaning in src/b.ts",
      "src/a.ts: MAX_A has another meaning in src/b.ts",
      "src/b.ts: show has another meaning in src/a.ts",
      "src/b.ts: MAX_A has another meaning in src/a.ts",
    ],
  );
});

Deno.test("map/one_meaning lets files have helpers of one name, pass a name on, and overload it", () => {
  assert.deepEqual(
    twice({
      "src/a.ts":
        "export function a(b: 1): 1; export function a(b: 2): 2; export function a(b: unknown) { return b; }",
      "src/b.ts": 'export { a } from "./a.ts"; function help() {}',
      "src/c.ts":
        'import { a } from "./b.ts"; export { a }; export const help = () => { class a {} };',
      "src/d.ts": "const a = 1; const MAX = 1;",
      "src/e.ts": "const MAX = 2;",
    }),
    [],
  );
});

Deno.test("map/circle, map/unused_export and map/one_meaning are silent while a file cannot be read", () => {
  const source = 'import "./version.ts"; export const VERSION = 1;';
  for (const rule of [circleRule, unusedExportRule, oneMeaningRule]) {
    const silent = rule(() => null);
    assert.deepEqual(messagesOf(silent, "src/version.ts", source), []);
  }
});

Deno.test("a project with a syntax error cannot be read, and the error names the file", () => {
  const sources = [["src/a.ts", ""], ["src/b.ts", "<<<<<<< HEAD"]] as const;
  assert.throws(() => new Project(sources), {
    name: "ParseError",
    message: /^Cannot parse src\/b.ts: SyntaxError: .*\(1:0\)$/,
  });
});

Deno.test("map/circle, map/unused_export and map/one_meaning know the files of this project", () => {
  const { circle, unused_export, one_meaning } = plugin.rules;
  assert.match(
    messagesOf(circle!, "src/version.ts", 'import "./cli/main.ts";').join(),
    /^a circle of imports: src\/version.ts -> src\/cli\/main.ts -> /,
  );
  const source = "export const VERSION = 1, nobodyImportsThis = 2;";
  assert.deepEqual(messagesOf(unused_export!, "src/version.ts", source), [
    "nobodyImportsThis is exported, and no other file imports it",
  ]);
  const another = "src/text/another_version.ts";
  assert.deepEqual(messagesOf(one_meaning!, another, "const VERSION = 1;"), [
    "VERSION has another meaning in src/version.ts",
  ]);
});
