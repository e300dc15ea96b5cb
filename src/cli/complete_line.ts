import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { propose } from "./propose.ts";
import { type OpenWord, splitShellLine } from "./shell_line.ts";

/**
 * `diskd complete-line`, called by the completion scripts: prints `files` or
 * `words`, then the candidates, a line each.
 *
 *     complete-line -- bash LINE BREAKS     LINE up to the cursor, and COMP_WORDBREAKS
 *     complete-line -- zsh WORD... PARTIAL    each word with its description
 *     complete-line -- fish WORD... PARTIAL   the same
 */
export const completeLine = command("complete-line", { run });

async function run(
  { words: [shell, ...typed] }: Options,
  context: Context,
): Promise<number> {
  const lines = shell === "bash"
    ? await completeForBash(typed, context)
    : await completeWords(typed, context);
  context.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return EXIT.ok;
}

async function completeForBash(
  [line = "", breaks = ""]: readonly string[],
  context: Context,
): Promise<string[]> {
  const { words, open } = splitShellLine(line, breaks);
  const asked = { words: afterProgram(words), partial: open.text };
  const found = await propose(asked, context);
  if (found.kind === "files") return ["files"];
  const replacements = found.proposals.map(({ text }) =>
    bashReplacement(text, open)
  );
  return ["words", ...replacements];
}

/** Variables or `sudo` may precede the program's name. */
function afterProgram(words: readonly string[]): readonly string[] {
  const program = words.findIndex((word) => /(^|\/)diskd$/.test(word));
  return words.slice(Math.max(program, 0) + 1);
}

async function completeWords(
  typed: readonly string[],
  context: Context,
): Promise<string[]> {
  const asked = { words: typed.slice(0, -1), partial: typed.at(-1) ?? "" };
  const found = await propose(asked, context);
  if (found.kind === "files") return ["files"];
  const lines = found.proposals.map(({ text, brief }) =>
    brief !== "" ? `${text}\t${brief}` : text
  );
  return ["words", ...lines];
}

/** Characters that bash interprets unless quoted. */
const NEEDS_BACKSLASH = /[^\w./:@%+=,\u{80}-\u{10ffff}-]/gu;

/**
 * The text with which bash must replace the word before the cursor, so that the
 * whole word means `candidate`, which begins with the word's present meaning.
 * bash replaces only the part after an open quote or the last break character,
 * and inserts the text unchanged: every character it would interpret is quoted
 * here.
 */
export function bashReplacement(candidate: string, open: OpenWord): string {
  switch (open.quote) {
    case null:
      return candidate.slice(open.beforeBreak).replace(
        NEEDS_BACKSLASH,
        "\\$&",
      );
    case "'":
      return candidate.slice(open.beforeQuote).replaceAll("'", "'\\''");
    case '"':
      // Double quotes do not protect `!` from history expansion: it goes
      // outside.
      return candidate.slice(open.beforeQuote)
        .replace(/["\\$`]/g, "\\$&")
        .replaceAll("!", '"\\!"');
  }
}
