import { runCommandLine } from "./app.ts";
import type { Context } from "./context.ts";
import type { Options } from "./options.ts";

/** `diskd help [COMMAND]`: the same as `diskd [COMMAND] --help`. */
export function help({ words }: Options, context: Context): Promise<number> {
  return runCommandLine([...words, "--help"], context);
}
