import type { Context } from "./context.ts";
import { propose } from "./propose.ts";
import { quoteWord, splitShellLine } from "./shell_line.ts";

/** What `node:readline` wants of a completer: whole words, and the text that they replace. */
export type Completion = readonly [words: string[], replaced: string];

/** What the word at the end of `line` could become, quoted so that it is read back as it is. */
export async function completePrompt(
  line: string,
  context: Context,
): Promise<Completion> {
  const { words, open } = splitShellLine(line);
  const asked = { words, partial: open.text };
  const found = await propose(asked, context);
  const typed = line.slice(open.start);
  if (found.kind === "files") return [[], typed];
  const quoted = found.proposals.map(({ text }) => quoteWord(text));
  const [only, ...others] = quoted;
  const done = only !== undefined && others.length === 0;
  return [done ? [`${only} `] : quoted, typed];
}
