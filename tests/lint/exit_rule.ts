import { placeOf } from "./place.ts";

/** Only main.ts ends the program, so that everything else can be tested and cleans up after itself. */
export const exitRule: Deno.lint.Rule = {
  create(context) {
    if (placeOf(context.filename).folder === null) return {};

    function report(node: Deno.lint.Node): void {
      context.report({
        node,
        message: "only main.ts may end the program",
        hint: "Return an exit code, or throw",
      });
    }

    return {
      MemberExpression(node) {
        if (isProgram(node.object) && isExit(node.property)) report(node);
      },
      VariableDeclarator(node) {
        if (!isProgram(node.init) || node.id.type !== "ObjectPattern") return;
        const takesExit = node.id.properties.some((one) =>
          one.type === "Property" && isExit(one.key)
        );
        if (takesExit) report(node);
      },
    };
  },
};

function isProgram(node: Deno.lint.Node | null): boolean {
  return node?.type === "Identifier" &&
    (node.name === "Deno" || node.name === "process");
}

function isExit(node: Deno.lint.Node): boolean {
  return (node.type === "Identifier" && node.name === "exit") ||
    (node.type === "Literal" && node.value === "exit");
}
