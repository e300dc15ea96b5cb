import { join } from "node:path";
import { arrowsRule } from "./arrows_rule.ts";
import { exitRule } from "./exit_rule.ts";
import { Project } from "./project.ts";
import { unusedExportRule } from "./project_rules.ts";
import { pureRule } from "./pure_rule.ts";

let tree: Project | null = null;

/** Reads the project once in a run of `deno lint`. */
function project(): Project {
  return tree ??= Project.read(join(import.meta.dirname!, "../.."));
}

/** Keeps the module map true; `deno lint` runs it. What it holds to is in module_map.ts. */
const plugin: Deno.lint.Plugin = {
  name: "map",
  rules: {
    arrows: arrowsRule,
    pure: pureRule,
    exit: exitRule,
    unused_export: unusedExportRule(project),
  },
};

export default plugin;
