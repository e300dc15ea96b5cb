import { arrowsRule } from "./arrows_rule.ts";
import { exitRule } from "./exit_rule.ts";
import { pureRule } from "./pure_rule.ts";

/** Keeps the module map true; `deno lint` runs it. What it holds to is in module_map.ts. */
const plugin: Deno.lint.Plugin = {
  name: "map",
  rules: {
    arrows: arrowsRule,
    pure: pureRule,
    exit: exitRule,
  },
};

export default plugin;
