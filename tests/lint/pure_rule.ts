import { PURE_FILES } from "./module_map.ts";
import { placeOf } from "./place.ts";

/** What a pure file may not name, and why. */
const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ...names("asks the system", ["Deno", "process", "globalThis", "fetch"]),
  ...names("prints", ["console"]),
  ...names("reads a clock", ["performance"]),
  ...names("starts a timer", [
    "setTimeout",
    "setInterval",
    "setImmediate",
    "queueMicrotask",
  ]),
  ...names("waits", ["Promise"]),
]);

/** What it may not name either, not even as a property. */
const FORBIDDEN_MEMBERS: ReadonlyMap<string, string> = new Map(
  names("is left to chance", [
    "getRandomValues",
    "randomUUID",
    "randomBytes",
    "randomInt",
  ]),
);

/** Pure files take time and chance as parameters, ask nobody and never wait. */
export const pureRule: Deno.lint.Rule = {
  create(context) {
    const { inSource } = placeOf(context.filename);
    if (!PURE_FILES.some((pattern) => pattern.test(inSource ?? ""))) return {};

    function report(node: Deno.lint.Node, what: string, why: string): void {
      context.report({
        node,
        message: `${what} in a pure file: it ${why}`,
        hint: "Take what it gives as a parameter, or do it in another folder",
      });
    }
    function checkFunction(node: FunctionNode): void {
      if (node.async) report(node, "async", "waits");
    }

    return {
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      AwaitExpression: (node) => report(node, "await", "waits"),
      ForOfStatement(node) {
        if (node.await) report(node, "for await", "waits");
      },
      Identifier(node) {
        const why = FORBIDDEN_MEMBERS.get(node.name) ?? whyNot(node);
        if (why !== undefined) report(node, node.name, why);
      },
      ImportDeclaration(node) {
        const specifier = node.source.value;
        if (!specifier.startsWith("node:") || specifier === "node:crypto") {
          return;
        }
        report(node, specifier, "asks the system");
      },
    };
  },
};

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

function whyNot(node: Deno.lint.Identifier): string | undefined {
  if (isOnlyAName(node)) return undefined;
  if (node.name === "Date") {
    return isTimeless(node) ? undefined : "reads a clock";
  }
  if (node.name === "Math") {
    return memberOf(node) === "random" ? "is left to chance" : undefined;
  }
  return FORBIDDEN.get(node.name);
}

/** The name of a property or of a key, which means nothing outside of its object. */
function isOnlyAName(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return !parent.computed && isSame(parent.property, node);
    case "Property":
      return !parent.computed && !parent.shorthand && isSame(parent.key, node);
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return !parent.computed && isSame(parent.key, node);
    case "TSQualifiedName":
      return isSame(parent.right, node);
    default:
      return false;
  }
}

/** A `Date` that is made from what is given, or is a type. */
function isTimeless(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  if (parent.type === "TSTypeReference") return true;
  if (parent.type === "NewExpression") return parent.arguments.length > 0;
  if (parent.type === "BinaryExpression") return true;
  return ["parse", "UTC"].includes(memberOf(node) ?? "");
}

/** The `parse` of `Date.parse`. */
function memberOf(node: Deno.lint.Identifier): string | null {
  const { parent } = node;
  if (parent.type !== "MemberExpression") return null;
  const { property } = parent;
  if (property.type === "Identifier") return property.name;
  return property.type === "Literal" ? String(property.value) : null;
}

function isSame(a: Deno.lint.Node, b: Deno.lint.Node): boolean {
  return a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

function names(
  why: string,
  list: readonly string[],
): (readonly [string, string])[] {
  return list.map((name) => [name, why] as const);
}
