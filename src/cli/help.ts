import type { Application } from "@stricli/core";
import { EXIT_CODES } from "../system/exit_code.ts";
import type { Context, Invocation, Options } from "./context.ts";
import { flagName } from "./flags.ts";

/** `diskd help [COMMAND]`: the same as `diskd [COMMAND] --help`. */
export function help({ words }: Options, context: Context): Promise<number> {
  return context.commandLine.run([...words, "--help"], context);
}

type Target = Application<Invocation>["root"];
type Command = Exclude<Target, RouteMap>;
type RouteMap = Extract<Target, { getAllEntries: unknown }>;
type Parameters = Command["parameters"];

/** A line of a list in a help text: what to type, and what it does. */
type Entry = readonly [typed: string, brief: string];

const HELP: readonly Entry[] = [
  ["-h, --help", "Print this help"],
  ["-V, --version", "Print the version"],
];

const EXIT_ENTRIES = Object.values(EXIT_CODES).map(
  ({ code, meaning }): Entry => [String(code), meaning],
);

/**
 * What `--help` prints for a command, or for the program with all its commands.
 *
 * @param prefix what is typed for it, `["diskd", "where"]`
 */
export function helpText(target: Target, prefix: readonly string[]): string {
  const typed = prefix.join(" ");
  return "getAllEntries" in target
    ? routesHelp(target, typed)
    : commandHelp(target, typed);
}

function routesHelp(target: RouteMap, typed: string): string {
  const entries = target.getAllEntries()
    .filter(({ hidden }) => !hidden)
    .map(({ name, target, aliases }): Entry => {
      const names = [name.original, ...aliases].join(", ");
      return [`${names}${wordsOf(target)}`, target.brief];
    });
  return [
    `Usage: ${typed} COMMAND [OPTION...]\n`,
    `${target.fullDescription ?? target.brief}\n`,
    `Commands:\n${list(entries)}`,
    `Options:\n${list(HELP)}`,
    ...typed === "diskd" ? [`Exit codes:\n${list(EXIT_ENTRIES)}`] : [],
  ].join("\n");
}

function commandHelp(target: Command, typed: string): string {
  const { parameters } = target;
  const words = positionalOf(parameters).map((
    { placeholder, brief },
  ): Entry => [
    placeholder!.toUpperCase(),
    brief,
  ]);
  const flags = Object.entries(parameters.flags ?? {}).map(
    ([name, flag]): Entry => {
      const value = flag.placeholder === undefined
        ? ""
        : ` ${flag.placeholder}`;
      return [`    ${flagName(name)}${value}`, flag.brief];
    },
  );
  return [
    `Usage: ${asTyped(typed)}${wordsOf(target)} [OPTION...]\n`,
    `${target.fullDescription ?? target.brief}\n`,
    ...words.length > 0 ? [list(words)] : [],
    `Options:\n${list([...flags, ...HELP])}`,
  ].join("\n");
}

/** The daemon is a flag to those who type, as it was in 0.01, and a command to the parser. */
function asTyped(command: string): string {
  return command === "diskd daemon" ? "diskd --daemon" : command;
}

/** ` NAME...`, ` [FILE]`, or nothing. */
function wordsOf(target: Target): string {
  if ("getAllEntries" in target) {
    const names = target.getAllEntries().map(({ name }) => name.original);
    return ` ${names.join("|")}`;
  }
  const { positional } = target.parameters;
  if (positional?.kind !== "array") return "";
  return positionalOf(target.parameters).map(({ placeholder }) => {
    const many = positional.maximum === undefined ? "..." : "";
    const word = `${placeholder!.toUpperCase()}${many}`;
    return positional.minimum === undefined ? ` [${word}]` : ` ${word}`;
  }).join("");
}

function positionalOf({ positional }: Parameters) {
  if (positional?.kind !== "array" || positional.maximum === 0) return [];
  return [positional.parameter];
}

function list(entries: readonly Entry[]): string {
  const width = Math.max(...entries.map(([typed]) => typed.length));
  return entries
    .map(([typed, brief]) => `  ${typed.padEnd(width)}  ${brief}\n`)
    .join("");
}
