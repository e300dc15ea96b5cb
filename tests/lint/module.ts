import { parse } from "@babel/parser";
import type {
  ExportNamedDeclaration,
  File,
  ImportDeclaration,
  Node,
  Statement,
} from "@babel/types";
import { dirname, join } from "node:path";

/** Offsets into the text, in UTF-16 units: where it begins, and where it has ended. */
export type Range = [start: number, end: number];

/** `type` imports are gone when the program runs; `later` is `import()`. */
export type ImportKind = "value" | "type" | "later";

export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** Path from the root of the project; of a package, what is written. */
  readonly file: string;
  /** `all` for `import * as a`, and wherever the names cannot be told. */
  readonly names: readonly string[] | "all";
  readonly kind: ImportKind;
  readonly range: Range;
}

export interface Name {
  readonly name: string;
  readonly range: Range;
}

/** A name declared at the top level. */
export interface Declared extends Name {
  /** Whether it is the name of a type: an interface, a type alias, a class or an enum. */
  readonly isType: boolean;
}

/** What one file takes from others and gives to them. */
export interface Module {
  /** From the root of the project: `src/codec/key.ts`. */
  readonly path: string;
  readonly text: string;
  readonly body: readonly Statement[];
  readonly comments: readonly Range[];
  readonly imports: readonly Import[];
  /** Names that other files can import. `*` for `export * from`. */
  readonly exports: readonly Name[];
  /** Exported or not. */
  readonly declared: readonly Declared[];
}

/** Says which file is not TypeScript, and why. */
export class ParseError extends Error {
  override name = "ParseError";
}

/** @throws {ParseError} */
export function parseModule(path: string, text: string): Module {
  const { program: { body }, comments } = parseFile(path, text);
  const declared = body.flatMap((statement) => declaredBy(statement));
  return {
    path,
    text,
    body,
    comments: (comments ?? []).map(({ start, end }) => [start!, end!]),
    imports: importsOf({ path, text, body }),
    exports: body.flatMap(exportedBy),
    declared: firstOfEach(declared),
  };
}

/** Calls `visit` with each node below `node`, and with those around it, the nearest first. */
export function walk(
  node: Node,
  visit: (node: Node, around: readonly Node[]) => void,
  around: readonly Node[] = [],
): void {
  visit(node, around);
  const inside = [node, ...around];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, inside);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value &&
    "start" in value;
}

function parseFile(path: string, text: string): File {
  try {
    return parse(text, {
      sourceType: "module",
      plugins: ["typescript", "explicitResourceManagement"],
      createImportExpressions: true,
      attachComment: false,
    });
  } catch (error) {
    throw new ParseError(`Cannot parse ${path}: ${error}`, { cause: error });
  }
}

function importsOf(
  { path, text, body }: Pick<Module, "path" | "text" | "body">,
): Import[] {
  const imports: Import[] = [];
  const add = (
    node: Node,
    specifier: string,
    what: Pick<Import, "names" | "kind">,
  ) => {
    const file = specifier.startsWith(".")
      ? join(dirname(path), specifier)
      : specifier;
    imports.push({ specifier, file, range: rangeOf(node), ...what });
  };
  const visit = (node: Node, around: readonly Node[]) => {
    if (node.type === "ImportDeclaration") {
      add(node, node.source.value, imported(node));
    } else if (node.type === "ExportNamedDeclaration" && node.source) {
      add(node, node.source.value, reexported(node));
    } else if (node.type === "ExportAllDeclaration") {
      const kind = node.exportKind === "type" ? "type" : "value";
      add(node, node.source.value, { names: "all", kind });
    } else if (
      node.type === "ImportExpression" && node.source.type === "StringLiteral"
    ) {
      const names = namesTaken(around);
      add(node, node.source.value, { names, kind: "later" });
    } else if (node.type === "TSImportType") {
      const names = node.qualifier ? [leftmost(node.qualifier)] : "all";
      add(node, node.argument.value, { names, kind: "type" });
    }
  };
  // Only these stand deeper than at the top level, and looking for them takes long.
  const goesDeeper = text.includes("import(");
  for (const statement of body) {
    if (goesDeeper) walk(statement, visit);
    else visit(statement, []);
  }
  return imports;
}

/** `import { type A, type B }` runs nothing of the other file, as `import type` does. */
function imported(node: ImportDeclaration): Pick<Import, "names" | "kind"> {
  const { specifiers } = node;
  const allTypes = specifiers.length > 0 &&
    specifiers.every((one) =>
      one.type === "ImportSpecifier" && one.importKind === "type"
    );
  const kind = allTypes || node.importKind === "type" ? "type" : "value";
  if (specifiers.some((one) => one.type === "ImportNamespaceSpecifier")) {
    return { names: "all", kind };
  }
  const names = specifiers.map((one) =>
    one.type === "ImportSpecifier" ? textOf(one.imported) : "default"
  );
  return { names, kind };
}

function reexported(
  node: ExportNamedDeclaration,
): Pick<Import, "names" | "kind"> {
  const names = node.specifiers.flatMap((one) =>
    one.type === "ExportSpecifier" ? [one.local.name] : []
  );
  const all = node.specifiers.some(({ type }) =>
    type === "ExportNamespaceSpecifier"
  );
  return {
    names: all ? "all" : names,
    kind: node.exportKind === "type" ? "type" : "value",
  };
}

/** Of `(await import(a)).b` and of `const { b } = await import(a)`: b. */
function namesTaken([parent, taker]: readonly Node[]): Import["names"] {
  if (parent?.type !== "AwaitExpression") return "all";
  if (taker?.type === "MemberExpression" && !taker.computed) {
    return taker.property.type === "Identifier" ? [taker.property.name] : "all";
  }
  if (
    taker?.type !== "VariableDeclarator" || taker.id.type !== "ObjectPattern"
  ) {
    return "all";
  }
  const keys = taker.id.properties.map((one) =>
    one.type === "ObjectProperty" && one.key.type === "Identifier"
      ? one.key.name
      : null
  );
  return keys.every((key) => key !== null) ? keys : "all";
}

function exportedBy(statement: Statement): Name[] {
  switch (statement.type) {
    case "ExportAllDeclaration":
      return [{ name: "*", range: rangeOf(statement) }];
    case "ExportDefaultDeclaration":
      return [{ name: "default", range: rangeOf(statement) }];
    case "ExportNamedDeclaration":
      return [
        ...statement.declaration ? declaredBy(statement.declaration) : [],
        ...statement.specifiers.map(({ exported }) => ({
          name: textOf(exported),
          range: rangeOf(exported),
        })),
      ];
    default:
      return [];
  }
}

function declaredBy(statement: Node): Declared[] {
  switch (statement.type) {
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
      return statement.declaration ? declaredBy(statement.declaration) : [];
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id }) => bound(id))
        .map((one) => ({ ...one, isType: false }));
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration": {
      const isType = !/Function/.test(statement.type);
      return statement.id
        ? bound(statement.id).map((one) => ({ ...one, isType }))
        : [];
    }
    default:
      return [];
  }
}

/** The names that a pattern binds: of `{ a, b: [c] }` a and c. */
function bound(pattern: Node): Name[] {
  switch (pattern.type) {
    case "Identifier":
      return [{ name: pattern.name, range: nameRange(pattern) }];
    case "ObjectPattern":
      return pattern.properties.flatMap((one) =>
        bound(one.type === "RestElement" ? one.argument : one.value)
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((one) => one ? bound(one) : []);
    case "AssignmentPattern":
      return bound(pattern.left);
    case "RestElement":
      return bound(pattern.argument);
    default:
      return [];
  }
}

/** Without the type that may follow a name. */
function nameRange(node: Node & { readonly name: string }): Range {
  const [start] = rangeOf(node);
  return [start, start + node.name.length];
}

/** Overloads of a function declare its name once. */
function firstOfEach(names: readonly Declared[]): Declared[] {
  const byName = new Map<string, Declared>();
  for (const one of names) {
    if (!byName.has(one.name)) byName.set(one.name, one);
  }
  return [...byName.values()];
}

function leftmost(name: Node): string {
  if (name.type === "TSQualifiedName") return leftmost(name.left);
  if (name.type === "Identifier") return name.name;
  throw new Error(`Expected a name of a type, found ${name.type}.`);
}

function textOf(name: Node): string {
  if (name.type === "Identifier") return name.name;
  if (name.type === "StringLiteral") return name.value;
  throw new Error(`Expected a name, found ${name.type}.`);
}

function rangeOf({ start, end }: Node): Range {
  return [start!, end!];
}
