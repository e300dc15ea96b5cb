import { printable } from "../text/printable.ts";
import { shellQuoted } from "../text/shell_quoted.ts";
import type { Argv } from "./mount_plan.ts";

/** A command as a hint shows it: to be typed, and safe to print. */
export function typed(argv: Argv): string {
  return printable(shellQuoted(argv));
}
