import { printable } from "../text/printable.ts";
import { shellQuoted } from "../text/shell_quoted.ts";

/** Program and arguments. */
export type Argv = readonly string[];

/** A command as a hint shows it: to be typed, and safe to print. */
export function typed(argv: Argv): string {
  return printable(shellQuoted(argv));
}
