import { join } from "node:path";
import { arrowsRule } from "./arrows_rule.ts";
import { exitRule } from "./exit_rule.ts";
import { ParseError } from "./module.ts";
import { Project } from "./project.ts";
import {
  circleRule,
  oneMeaningRule,
  unusedExportRule,
} from "./project_rules.ts";
import { pureRule } from "./pure_rule.ts";
import { shortRule } from "./short_rule.ts";

let tree: Project | null | undefined;

/** Reads the project once in a run of `deno lint`; `null` where a file has a syntax error, which that says itself. */
function project(): Project | null {
  if (tree !== undefined) return tree;
  try {
    return tree = Project.read(join(import.meta.dirname!, "../.."));
  } catch (error) {
    if (error instanceof ParseError) return tree = null;
    throw error;
  }
}

/** Keeps the module map true; `deno lint` runs it. What it holds to is in module_map.ts. */
const plugin: Deno.lint.Plugin = {
  name: "map",
  rules: {
    arrows: arrowsRule,
    pure: pureRule,
    exit: exitRule,
    short: shortRule,
    one_meaning: oneMeaningRule(project),
    circle: circleRule(project),
    unused_export: unusedExportRule(project),
  },
};

export default plugin;
