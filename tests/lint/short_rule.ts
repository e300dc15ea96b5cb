import { placeOf } from "./place.ts";

/** A longer function is not understood in one go. */
const MAX_LINES = 70;

/** No function of src/ has more than `MAX_LINES` lines, from its head to its last brace. */
export const shortRule: Deno.lint.Rule = {
  create(context) {
    if (placeOf(context.filename).folder === null) return {};

    function check(node: Deno.lint.Node): void {
      const lines = context.sourceCode.getText(node).split("\n").length;
      if (lines <= MAX_LINES) return;
      context.report({
        node,
        message: `a function of ${lines} lines, expected at most ${MAX_LINES}`,
        hint: "Make its steps functions, each named after what it does",
      });
    }

    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    };
  },
};
