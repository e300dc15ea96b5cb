import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Options } from "./options.ts";
import { note } from "./show.ts";

/** `quit` and `exit`: the prompt ends itself on them, so here there is none. */
export function quit(_options: Options, context: Context): number {
  note(
    "There is nothing to quit: quit and exit end the prompt, " +
      "which diskd alone starts.",
    context,
  );
  return EXIT.usage;
}
