import { isPrintable, printable } from "./printable.ts";

/** A word that a shell reads unchanged anywhere in a command. */
const PLAIN = /^[\w./:@%+,-][\w./:@%+=,-]*$/;

/** Quotes a command so that a POSIX shell reads back the same words. */
export function shellQuoted(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

/** Within single quotes only the quote itself has a meaning. */
function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Program and arguments. */
export type Argv = readonly string[];

/** Whether people can type it as a word of a command, and it looks like no flag. */
export function isTypable(word: string): boolean {
  return word !== "" && !word.startsWith("-") && isPrintable(word);
}

/** A command as a hint shows it: to be typed, and safe to print. */
export function typed(argv: Argv): string {
  return printable(shellQuoted(argv));
}
