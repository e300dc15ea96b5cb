import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import type { Shell } from "./shells.ts";

/** `diskd completions SHELL`: a script for that shell to load. */
export function completions({ words }: Options, context: Context): number {
  context.stdout.write(COMPLETION_SCRIPTS[words[0] as Shell]);
  return EXIT.ok;
}
