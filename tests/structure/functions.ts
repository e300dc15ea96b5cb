import type { Node } from "@babel/types";
import { type Module, walk } from "../lint/module.ts";

/** A function, method or arrow function. */
interface SizedFunction {
  readonly path: string;
  /** As it is called where it stands: `parse`, `Peer.receive`; `anonymous` without a name. */
  readonly name: string;
  readonly lines: number;
}

/** All functions in a file, those in others too. */
export function functionsOf({ path, text, body }: Module): SizedFunction[] {
  const found: SizedFunction[] = [];
  for (const statement of body) {
    walk(statement, (node, around) => {
      if (!isFunction(node)) return;
      const lines = text.slice(node.start!, node.end!).split("\n").length;
      found.push({ path, name: nameOf(node, around), lines });
    });
  }
  return found;
}

function isFunction(node: Node): boolean {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ClassMethod":
    case "ClassPrivateMethod":
    case "ObjectMethod":
      return true;
    default:
      return false;
  }
}

function nameOf(node: Node, around: readonly Node[]): string {
  const [parent] = around;
  const named = "key" in node || "id" in node && node.id ? node : parent;
  const own = named && (keyOf(named) ?? "anonymous");
  const owner = around.find(({ type }) => type === "ClassDeclaration");
  const of = owner && "key" in node ? `${keyOf(owner)}.` : "";
  return `${of}${own}`;
}

/** The name that a declaration, a variable, a property or a method gives. */
function keyOf(node: Node): string | null {
  const key = "key" in node ? node.key : "id" in node ? node.id : null;
  if (key?.type === "Identifier") return key.name;
  return key?.type === "PrivateName" ? `#${key.id.name}` : null;
}
