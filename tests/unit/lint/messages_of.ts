import { join } from "node:path";
import { PROJECT } from "../../support/program.ts";

/** The messages of one rule of a plugin about `source`, as if that were the file `path` of the project. */
export function messagesOf(
  rule: Deno.lint.Rule,
  path: string,
  source: string,
): string[] {
  const plugin = { name: "tried", rules: { rule } };
  return Deno.lint.runPlugin(plugin, join(PROJECT, path), source)
    .map(({ message }) => message);
}
