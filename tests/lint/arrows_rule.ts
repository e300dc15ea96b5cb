import {
  type Arrows,
  MAIN_IMPORTS,
  MODULE_MAP,
  VERSION_FILE,
} from "./module_map.ts";
import { type Place, placeOf, placeOfImport } from "./place.ts";

/** How an import brings in another file. */
type Way = "value" | "type" | "later";

/** Every import of a file in src/, and of main.ts, goes where the module map has an arrow. */
export const arrowsRule: Deno.lint.Rule = {
  create(context) {
    const from = placeOf(context.filename);
    if (from.path !== "main.ts" && from.folder === null) return {};

    function check(node: Deno.lint.Node, specifier: unknown, way: Way): void {
      const message = typeof specifier === "string"
        ? objection(from, specifier, way)
        : "an import of a file that is only known when it runs cannot be checked; write its path out";
      if (message !== null) {
        context.report({ node, message, hint: HINT });
      }
    }

    return {
      ImportDeclaration: (node) => check(node, node.source.value, wayOf(node)),
      ExportAllDeclaration: (node) =>
        check(node, node.source.value, node.exportKind),
      ExportNamedDeclaration(node) {
        if (node.source === null) return;
        check(node, node.source.value, node.exportKind);
      },
      ImportExpression: (node) =>
        check(
          node,
          node.source.type === "Literal" ? node.source.value : null,
          "later",
        ),
      TSImportType(node) {
        const text = context.sourceCode.getText(node.argument);
        check(node, text.slice(1, -1), "type");
      },
    };
  },
};

/** `import { type A, type B }` runs nothing of the other file that the two could use. */
function wayOf(node: Deno.lint.ImportDeclaration): Way {
  const allTypes = node.specifiers.length > 0 &&
    node.specifiers.every((one) =>
      one.type === "ImportSpecifier" && one.importKind === "type"
    );
  return allTypes ? "type" : node.importKind;
}

/** What is wrong with an import, `null` when nothing is. */
function objection(from: Place, specifier: string, way: Way): string | null {
  const to = placeOfImport(specifier, from);
  if (to === null) return null;
  if (to.folder === null) {
    return `${from.path} imports ${to.path}, which is outside of src/`;
  }
  if (to.inSource === VERSION_FILE) return null;
  if (from.path === "main.ts") {
    return MAIN_IMPORTS.includes(to.folder)
      ? null
      : `main.ts imports ${to.path}, and may only import src/${
        MAIN_IMPORTS.join(", src/")
      }`;
  }
  if (from.folder === to.folder) return null;
  const arrows = MODULE_MAP[from.folder ?? ""];
  if (arrows === undefined) return `${from.path} is in no folder of the map`;
  return isDrawn(arrows, to.folder, way)
    ? null
    : `${from.path} imports ${to.path}, and src/${from.folder} ${
      allowance(arrows, to.folder)
    }`;
}

function isDrawn(arrows: Arrows, folder: string, way: Way): boolean {
  return (arrows.imports?.includes(folder) ?? false) ||
    (way === "type" && (arrows.types?.includes(folder) ?? false)) ||
    (way === "later" && (arrows.later?.includes(folder) ?? false));
}

function allowance(arrows: Arrows, folder: string): string {
  if (arrows.types?.includes(folder)) return `may only import types of it`;
  if (arrows.later?.includes(folder)) return `may only import() it`;
  const names = [
    ...arrows.imports ?? [],
    ...arrows.types ?? [],
    ...arrows.later ?? [],
  ];
  return names.length === 0
    ? "imports no other folder"
    : `may only import ${names.join(", ")}`;
}

const HINT =
  "Move what is needed to where the arrows lead, or draw a new one in tests/lint/module_map.ts";
