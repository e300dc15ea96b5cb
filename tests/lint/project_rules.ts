import type { Module, Range } from "./module.ts";
import { placeOf } from "./place.ts";
import { exportsOwn, isSource, type Project } from "./project.ts";

/** What is wrong in a file, where, and what to do. */
interface Fault {
  readonly range: Range;
  readonly message: string;
  readonly hint: string;
}

/** The project that a file is linted in, asked for when that happens; `null` where it cannot be read. */
export type ProjectSource = () => Project | null;

/**
 * No chain of imports leads back to the file that it began in: such files can
 * only be understood, tested and moved together. Imports of types and
 * `import()` count too.
 */
export function circleRule(project: ProjectSource): Deno.lint.Rule {
  return projectRule(
    project,
    ({ path, imports }, all) =>
      imports.flatMap(({ file, range }) => {
        const way = all.way(file, path);
        return way === null ? [] : [{
          range,
          message: `a circle of imports: ${[path, ...way].join(" -> ")}`,
          hint:
            "Move what both need to a file that imports neither, make one file of them, or take the other as a parameter",
        }];
      }),
  );
}

/** Every export of a file is imported by another file, of src/, main.ts or tests/. */
export function unusedExportRule(project: ProjectSource): Deno.lint.Rule {
  return projectRule(
    project,
    ({ path, exports }, all) =>
      exports.flatMap(({ name, range }) => {
        if (name === "*") {
          return [{
            range,
            message: "`export *` does not say what it exports",
            hint: "Import each name from the file that declares it",
          }];
        }
        return all.usersOf(path, name).length > 0 ? [] : [{
          range,
          message: `${name} is exported, and no other file imports it`,
          hint:
            "Remove `export`; if this file does not use it either, delete it",
        }];
      }),
  );
}

/** How the name of a constant is written: `MAX_HOSTS`. */
const CONSTANT = /^[A-Z][A-Z0-9_]+$/;

/**
 * A name that is read in several files has one meaning: at the top level of
 * src/, types have names of their own, and so has what is exported. A constant
 * that is exported is not declared again; a function may have a helper of its
 * name elsewhere.
 */
export function oneMeaningRule(project: ProjectSource): Deno.lint.Rule {
  return projectRule(
    project,
    (module, all) =>
      module.declared.flatMap(({ name, isType, range }) => {
        const places = all.declaring(name);
        const exporters = places.filter((one) => exportsOwn(one, name)).length;
        const mayStand = !isType &&
          exporters <= (CONSTANT.test(name) ? 0 : 1);
        if (places.length === 1 || mayStand) return [];
        const others = places.filter((one) => one !== module);
        return [{
          range,
          message: `${name} has another meaning in ${
            others.map(({ path }) => path).join(", ")
          }`,
          hint: "Use one for both if they are the same; else rename one",
        }];
      }),
  );
}

/** A rule for files of src/ that depends on other files. */
function projectRule(
  project: ProjectSource,
  judge: (module: Module, all: Project) => readonly Fault[],
): Deno.lint.Rule {
  return {
    create(context) {
      const { path } = placeOf(context.filename);
      if (!isSource(path)) return {};
      return {
        Program() {
          const all = project();
          if (all === null) return;
          // In an editor the text is newer than the file.
          const module = all.set(path, context.sourceCode.text);
          for (const fault of judge(module, all)) context.report(fault);
        },
      };
    },
  };
}
