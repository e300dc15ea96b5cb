import assert from "node:assert/strict";
import { Project } from "../../lint/project.ts";
import { measures, sizes } from "../../structure/measures.ts";

type Sources = Readonly<Record<string, string>>;

const project = (sources: Sources) => new Project(Object.entries(sources));

/** The value of a figure, and what was counted. */
function measured(name: string, sources: Sources) {
  const found = measures(project(sources)).find((one) =>
    one.name.trim() === name
  );
  assert.ok(found, name);
  return { value: found.value, found: found.found };
}

const lines = (count: number) => "x;\n".repeat(count);

Deno.test("sizes() has a line for each folder of src, and one for all of it", () => {
  const sources = {
    "main.ts": lines(9),
    "src/version.ts": lines(1),
    "src/b/a.ts": lines(10),
    "src/b/b.ts": lines(30),
    "src/b/deep/c.ts": lines(20),
    "src/a/a.ts": lines(4),
    "tests/a.ts": lines(99),
  };
  assert.deepEqual(
    sizes(project(sources)).map((one) => Object.values(one)),
    [
      ["a", 1, 4, 4, 4, 4, 4, 4],
      ["b", 3, 60, 60, 20, 20, 30, 30],
      ["all", 5, 65, 65, 13, 10, 30, 30],
    ],
  );
});

Deno.test("sizes() counts lines of code without comments and empty lines", () => {
  const text = `/**
 * One.
 */

// Two.
const three = 3; // Three.
/* Four. */ const four = \`

\`;
`;
  const [size] = sizes(project({ "src/a/a.ts": text }));
  assert.deepEqual([size?.lines, size?.code], [9, 3]);
});

Deno.test("measures() counts files of 40 lines or less", () => {
  const sources = { "src/a.ts": lines(40), "src/b.ts": lines(41) };
  assert.deepEqual(measured("files of 40 lines or less", sources), {
    value: "1",
    found: ["src/a.ts"],
  });
});

Deno.test("measures() counts files that one other imports, and not those that none or two do", () => {
  const sources = {
    "main.ts": 'import "./src/cli/main.ts"; import "./src/a/two.ts";',
    "src/cli/main.ts": 'import "../a/two.ts"; import "../a/one.ts";',
    "src/a/two.ts": 'import type { A } from "./near.ts";\n',
    "src/a/one.ts": "\n",
    "src/a/near.ts": "\n\n",
    "src/a/none.ts": "",
    "tests/a.ts": 'import "../src/a/one.ts"; import "../src/a/none.ts";',
  };
  assert.deepEqual(measured("files that one other imports", sources), {
    value: "3",
    found: [
      "src/cli/main.ts <- main.ts",
      "src/a/one.ts <- src/cli/main.ts",
      "src/a/near.ts <- src/a/two.ts",
    ],
  });
  assert.deepEqual(measured("of them by a neighbour", sources), {
    value: "1, 50 % of all lines",
    found: ["src/a/near.ts <- src/a/two.ts"],
  });
});

Deno.test("measures() counts a circle of files once, and what hangs on it not at all", () => {
  const sources = {
    "src/a.ts": 'import "./b.ts";',
    "src/b.ts": 'import "./c.ts"; import "./a.ts";',
    "src/c.ts": 'import("./a.ts"); import "./end.ts";',
    "src/end.ts": "",
    "src/x.ts": 'import "./y.ts"; import "./a.ts";',
    "src/y.ts": 'import "./x.ts";',
  };
  assert.deepEqual(measured("circles of files", sources), {
    value: "2",
    found: ["src/a.ts src/b.ts src/c.ts", "src/x.ts src/y.ts"],
  });
});

Deno.test("measures() counts exports that nobody imports, and those that only tests do", () => {
  const sources = {
    "main.ts": 'import { main } from "./src/a.ts";',
    "src/a.ts": "export const main = 1, tested = 2, unused = 3; const own = 4;",
    "tests/a.ts": 'import { main, tested } from "../src/a.ts";',
  };
  assert.equal(measured("exports", sources).value, "3");
  assert.deepEqual(measured("that nobody imports", sources).found, [
    "src/a.ts unused",
  ]);
  assert.deepEqual(measured("that only tests import", sources).found, [
    "src/a.ts tested",
  ]);
});

Deno.test("measures() counts names in several files, and those that several export", () => {
  const sources = {
    "src/a.ts": "export interface Row {} function show() {}",
    "src/b.ts": "export class Row { show() {} } const show = 1;",
    "src/c.ts": 'export { Row } from "./a.ts"; function f() { class Row {} }',
    "tests/a.ts": "class Row {} class Show {}",
  };
  const name = "top-level names in more than one file";
  assert.deepEqual(measured(name, sources).found, [
    "Row: src/a.ts src/b.ts",
    "show: src/a.ts src/b.ts",
  ]);
  assert.deepEqual(measured("exported by more than one", sources).found, [
    "Row: src/a.ts src/b.ts",
  ]);
});

Deno.test("measures() names methods that nothing in src calls", () => {
  const sources = {
    "src/a.ts":
      `class A { constructor() {} used() {} get read() {} taken() {} #own() {}
        [Symbol.dispose]() {} [computed]() {} unused() {} get unread() {} }`,
    "src/b.ts": "a.used(); b?.read; const { taken: unread } = c;",
    "tests/a.ts": "a.unused();",
  };
  const name = "methods whose name nothing in src mentions";
  assert.deepEqual(measured(name, sources).found, [
    "src/a.ts unused()",
    "src/a.ts unread()",
  ]);
});

Deno.test("measures() lists the longest functions by the names they are called by", () => {
  const body = (count: number) => `{${"\n".repeat(count - 1)}}`;
  const sources = {
    "src/a.ts": `
      export function declared() ${body(71)}
      const assigned = () => ${body(70)};
      class A { method() ${body(60)} #hidden() ${body(50)} field = () => ${
      body(40)
    }; }
      const all = { property: () => ${body(30)}, short() ${body(20)} };
      call(() => ${body(10)});`,
  };
  const name = "functions: number, median, p90, longest";
  assert.deepEqual(measured(name, sources), {
    value: "8, 40, 71, 71",
    found: [
      "71 src/a.ts declared",
      "70 src/a.ts assigned",
      "60 src/a.ts A.method",
      "50 src/a.ts A.#hidden",
      "40 src/a.ts field",
      "30 src/a.ts property",
      "20 src/a.ts short",
      "10 src/a.ts anonymous",
    ],
  });
  assert.deepEqual(measured("of more than 70 lines", sources).found, [
    "71 src/a.ts declared",
  ]);
});
