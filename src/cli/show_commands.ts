import { type Argv, typed } from "../mount/argv.ts";
import { renderJson } from "../render/json.ts";
import type { Context } from "./context.ts";

/** What `--dry-run` says: the commands, as a shell takes them, a line each. */
export function showCommands(
  commands: readonly Argv[],
  { options, context }: {
    readonly options: { readonly json: boolean };
    readonly context: Context;
  },
): void {
  const text = options.json
    ? renderJson({ commands })
    : commands.map((argv) => `${typed(argv)}\n`).join("");
  context.stdout.write(text);
}
