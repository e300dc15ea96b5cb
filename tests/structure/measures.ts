import { dirname } from "node:path";
import { percentile } from "../bench/statistics.ts";
import { type Module, walk } from "../lint/module.ts";
import { exportsOwn, type Project } from "../lint/project.ts";
import { functionsOf } from "./functions.ts";

/** At most so many lines make a file a scrap. */
const SCRAP_LINES = 40;
/** More than so many lines are too many for a function. */
const MAX_FUNCTION_LINES = 70;

/** One figure, and what it counts. */
export interface Measure {
  readonly name: string;
  readonly value: string;
  /** What was counted; empty where that says nothing. */
  readonly found: readonly string[];
}

/** Files and lines of one folder of src/, or of all. */
export interface Size {
  readonly name: string;
  readonly files: number;
  readonly lines: number;
  /** Lines that are neither empty nor comment. */
  readonly code: number;
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** The folders of src/ in the order of their names, then all of it. */
export function sizes(project: Project): Size[] {
  const folders = Map.groupBy(
    project.source,
    ({ path }) => path.split("/")[1]!,
  );
  const named = [...folders].filter(([name]) => !name.endsWith(".ts"))
    .toSorted(([a], [b]) => a < b ? -1 : 1);
  return [...named, ["all", project.source] as const].map(([name, modules]) =>
    sizeOf(name, modules)
  );
}

function sizeOf(name: string, modules: readonly Module[]): Size {
  const lines = modules.map(linesOf);
  const sum = total(lines);
  return {
    name,
    files: lines.length,
    lines: sum,
    code: total(modules.map(codeLinesOf)),
    mean: Math.round(sum / lines.length),
    median: percentile(lines, 50),
    p90: percentile(lines, 90),
    max: percentile(lines, 100),
  };
}

/** What can be told from the text alone. */
export function measures(project: Project): Measure[] {
  return [
    counted("files of 40 lines or less", scraps(project)),
    ...importedOnce(project),
    counted("circles of files", project.circles.map((one) => one.join(" "))),
    ...unusedExports(project),
    ...repeatedNames(project),
    ...unusedMethods(project),
    ...functions(project),
  ];
}

function scraps({ source }: Project): string[] {
  return source.filter((one) => linesOf(one) <= SCRAP_LINES)
    .map(({ path }) => path);
}

function importedOnce(project: Project): Measure[] {
  const once = project.source.flatMap((module) => {
    const [user, ...others] = project.importersOf(module.path)
      .filter((path) => !path.startsWith("tests/"));
    return user && others.length === 0 ? [{ module, user }] : [];
  });
  const neighbours = once.filter(({ module, user }) =>
    dirname(module.path) === dirname(user)
  );
  const share = total(neighbours.map(({ module }) => linesOf(module))) /
    total(project.source.map(linesOf));
  const show = ({ module, user }: typeof once[number]) =>
    `${module.path} <- ${user}`;
  return [
    counted("files that one other imports", once.map(show)),
    {
      ...counted("  of them by a neighbour", neighbours.map(show)),
      value: `${neighbours.length}, ${Math.round(100 * share)} % of all lines`,
    },
  ];
}

function unusedExports(project: Project): Measure[] {
  const exports = project.source.flatMap(({ path, exports }) =>
    exports.map(({ name }) => ({
      label: `${path} ${name}`,
      users: project.usersOf(path, name),
    }))
  );
  const onlyTests = exports.filter(({ users }) =>
    users.length > 0 && users.every((path) => path.startsWith("tests/"))
  );
  return [
    counted("exports", exports.map(({ label }) => label)),
    counted(
      "  that nobody imports",
      exports.filter(({ users }) => users.length === 0)
        .map(({ label }) => label),
    ),
    counted("  that only tests import", onlyTests.map(({ label }) => label)),
  ];
}

function repeatedNames({ source }: Project): Measure[] {
  const repeated = (namesOf: (module: Module) => readonly string[]) => {
    const places = Map.groupBy(
      source.flatMap((module) =>
        namesOf(module).map((name) => ({ name, path: module.path }))
      ),
      ({ name }) => name,
    );
    return [...places].filter(([, places]) => places.length > 1)
      .map(([name, places]) =>
        `${name}: ${places.map(({ path }) => path).join(" ")}`
      ).toSorted();
  };
  const declared = ({ declared }: Module) => declared.map(({ name }) => name);
  const exported = (module: Module) =>
    declared(module).filter((name) => exportsOwn(module, name));
  return [
    counted("top-level names in more than one file", repeated(declared)),
    counted("  exported by more than one", repeated(exported)),
  ];
}

/** Public methods and getters whose name nothing mentions with a dot before it, or in a pattern. */
function unusedMethods(project: Project): Measure[] {
  const mentioned = new Set(project.source.flatMap(membersMentioned));
  const unused = project.source.flatMap(({ path, body }) => {
    const names: string[] = [];
    for (const statement of body) {
      walk(statement, (node) => {
        if (node.type !== "ClassMethod" || node.computed) return;
        if (node.kind === "constructor" || node.key.type !== "Identifier") {
          return;
        }
        if (!mentioned.has(node.key.name)) names.push(node.key.name);
      });
    }
    return names.map((name) => `${path} ${name}()`);
  });
  return [counted("methods whose name nothing in src mentions", unused)];
}

function membersMentioned({ body }: Module): string[] {
  const names: string[] = [];
  for (const statement of body) {
    walk(statement, (node, [parent]) => {
      const isKey = (node.type === "MemberExpression" ||
        node.type === "OptionalMemberExpression") && !node.computed;
      if (isKey && node.property.type === "Identifier") {
        names.push(node.property.name);
      }
      if (
        node.type === "ObjectProperty" && parent?.type === "ObjectPattern" &&
        node.key.type === "Identifier"
      ) names.push(node.key.name);
    });
  }
  return names;
}

function functions({ source }: Project): Measure[] {
  const all = source.flatMap(functionsOf)
    .toSorted((a, b) => b.lines - a.lines);
  const show = ({ path, name, lines }: typeof all[number]) =>
    `${lines} ${path} ${name}`;
  const lines = all.map(({ lines }) => lines);
  const long = all.filter(({ lines }) => lines > MAX_FUNCTION_LINES);
  return [
    {
      name: "functions: number, median, p90, longest",
      value: [50, 90, 100].map((percent) => percentile(lines, percent))
        .toSpliced(0, 0, all.length).join(", "),
      found: all.slice(0, 10).map(show),
    },
    counted(`  of more than ${MAX_FUNCTION_LINES} lines`, long.map(show)),
  ];
}

function counted(name: string, found: readonly string[]): Measure {
  return { name, value: String(found.length), found };
}

function linesOf({ text }: Module): number {
  return text.split("\n").length - 1;
}

function codeLinesOf({ text, comments }: Module): number {
  let code = "";
  let end = 0;
  for (const [from, to] of comments) {
    code += text.slice(end, from);
    end = to;
  }
  return (code + text.slice(end)).split("\n").filter((line) => /\S/.test(line))
    .length;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
