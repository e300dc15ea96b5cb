import type { Application, RouteMap } from "@stricli/core";
import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  commandsCalled,
  type Words,
} from "../control/commands.ts";
import { EXIT_CODES } from "../system/exit_code.ts";
import { type Command, command, flagName } from "./command.ts";
import type { Invocation } from "./context.ts";

/** `diskd help [COMMAND]`: the same as `diskd [COMMAND] --help`. */
export const help = command("help", {
  hasCommonFlags: false,
  propose: () => SHOWN,
  run: ({ words }, context) =>
    context.commandLine.run([...words, "--help"], context),
});

const SHOWN = COMMAND_NAMES.filter((name) => !COMMANDS[name].isHidden);

const DESCRIPTION = `Tells which host of the LAN a disk is attached to.

  diskd --daemon    runs the daemon on this host; see diskd --daemon --help
  diskd             opens a prompt for the commands below

Commands that ask the daemon accept --json, --color WHEN and --socket PATH.
Manual pages: diskd(1), diskd(8) of the daemon, diskd.yaml(5) of its settings.`;

/** A line of a list in a help text: the command and its brief. */
type HelpLine = readonly [typed: string, brief: string];

const HELP: readonly HelpLine[] = [
  ["-h, --help", "Print this help"],
  ["-V, --version", "Print the version"],
];

const EXIT_ENTRIES = Object.values(EXIT_CODES).map(
  ({ code, meaning }): HelpLine => [String(code), meaning],
);

/**
 * The output of `--help` for a command, for a group of them, or for the program
 * with all its commands.
 *
 * @param prefix the words typed before it, `["diskd", "key", "new"]`
 */
export function helpText(
  target: Application<Invocation>["root"],
  prefix: readonly string[],
): string {
  const [, first, ...others] = prefix;
  if (first === undefined) return programHelp();
  const names = commandsCalled(first);
  if (isRouteMap(target)) return groupHelp(first, names);
  const name = others.length === 0
    ? names[0]!
    : names.find((name) => name === `${first} ${others[0]}`)!;
  return commandHelp(name, target);
}

function isRouteMap(
  target: Command | RouteMap<Invocation>,
): target is RouteMap<Invocation> {
  return "getAllEntries" in target;
}

function programHelp(): string {
  return [
    "Usage: diskd COMMAND [OPTION...]\n",
    `${DESCRIPTION}\n`,
    `Commands:\n${list(SHOWN.map(entryOf))}`,
    `Options:\n${list(HELP)}`,
    `Exit codes:\n${list(EXIT_ENTRIES)}`,
  ].join("\n");
}

function groupHelp(word: string, names: readonly CommandName[]): string {
  return [
    `Usage: diskd ${word} COMMAND [OPTION...]\n`,
    `Commands:\n${list(names.map(entryOf))}`,
    `Options:\n${list(HELP)}`,
  ].join("\n");
}

function entryOf(name: CommandName): HelpLine {
  const { aliases = [], words, brief } = COMMANDS[name];
  return [`${[name, ...aliases].join(", ")}${asTyped(words)}`, brief];
}

function commandHelp(name: CommandName, command: Command): string {
  const { words } = COMMANDS[name];
  const { flags: ownFlags = {}, aliases = {} } = command.parameters;
  const letters = new Map(
    Object.entries(aliases).map(([letter, name]) => [name as string, letter]),
  );
  const flags = Object.entries(ownFlags).map(([name, flag]): HelpLine => {
    const value = flag.placeholder === undefined ? "" : ` ${flag.placeholder}`;
    const letter = letters.get(name);
    const start = letter === undefined ? "    " : `-${letter}, `;
    return [`${start}${flagName(name)}${value}`, flag.brief];
  });
  // Users type the daemon as a flag, as in 0.01.
  const typed = name === "daemon" ? "--daemon" : name;
  return [
    `Usage: diskd ${typed}${asTyped(words)} [OPTION...]\n`,
    `${command.fullDescription ?? command.brief}\n`,
    ...words === undefined
      ? []
      : [list([[words.placeholder.toUpperCase(), words.brief]])],
    `Options:\n${list([...flags, ...HELP])}`,
  ].join("\n");
}

/** ` NAME...`, ` [FILE]`, or empty. */
function asTyped(words: Words | undefined): string {
  if (words === undefined) return "";
  const many = words.maximum === undefined ? "..." : "";
  const word = `${words.placeholder.toUpperCase()}${many}`;
  return words.minimum === undefined ? ` [${word}]` : ` ${word}`;
}

function list(entries: readonly HelpLine[]): string {
  const width = Math.max(...entries.map(([typed]) => typed.length));
  return entries
    .map(([typed, brief]) => `  ${typed.padEnd(width)}  ${brief}\n`)
    .join("");
}
