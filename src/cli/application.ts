/** Adapts command lines to stricli. */
import {
  type Application,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  text_en,
  version,
} from "@stricli/core";
import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  firstWord,
  isGroup,
} from "../control/commands.ts";
import { nearest } from "../text/nearest.ts";
import { printable } from "../text/printable.ts";
import { VERSION } from "../version.ts";
import { type Command, flagName } from "./command.ts";
import type { Invocation } from "./context.ts";

/** Edit distance up to which a word counts as a mistyped command. */
const MISTYPED = {
  threshold: 3,
  weights: { insertion: 1, deletion: 2, substitution: 2, transposition: 0 },
};

/** Our wording of stricli's messages about arguments. */
const TEXT = {
  ...text_en,
  briefs: {
    ...text_en.briefs,
    argumentEscapeSequence: "End of the flags",
  },
  exceptionWhileParsingArguments(error: unknown): string {
    const message = error instanceof ArgumentScannerError
      ? formatMessageForArgumentScannerError(error, {
        UnexpectedPositionalError: ({ input }) => `Unexpected word ${input}`,
        ArgumentParseError: (
          { externalFlagNameOrPlaceholder: name, input, exception },
        ) => `${asTyped(name)} is ${input || "empty"}, ${messageOf(exception)}`,
        UnsatisfiedPositionalError: ({ placeholder }) =>
          `Expected a ${placeholder}`,
        FlagNotFoundError: ({ input, corrections }) =>
          unknown(`flag --${input}`, corrections.map(flagName)),
        UnexpectedFlagError: ({ externalFlagName }) =>
          `${flagName(externalFlagName)} is given twice, expected once`,
        AliasNotFoundError: ({ input }) =>
          unknown(`flag -${input}`, input === "v" ? ["-V"] : []),
      })
      : String(error);
    return `diskd: ${printable(message)}`;
  },
};

/** The same for a command line that begins with this word. */
function textAfter(first: string) {
  const group = isGroup(first) ? `${first} ` : "";
  return {
    ...TEXT,
    noCommandRegisteredForInput(
      { input, corrections }: {
        readonly input: string;
        readonly corrections: readonly string[];
      },
    ): string {
      const similar = corrections.map((word) =>
        group + word.replaceAll("`", "")
      );
      const meant = similar.length > 0 || group !== ""
        ? similar
        : input === "find" // the socket's word
        ? ["where"]
        : nearest(input, COMMAND_WORDS, { limit: 1 });
      return `diskd: ${printable(unknown(`command ${input}`, meant))}`;
    },
  };
}

/** A flag with its dashes; a placeholder unchanged. */
function asTyped(flagOrPlaceholder: string): string {
  return PLACEHOLDERS.has(flagOrPlaceholder)
    ? flagOrPlaceholder
    : flagName(flagOrPlaceholder);
}

/** What may have been meant by a first word, in any case. */
const COMMAND_WORDS: readonly string[] = [
  ...COMMAND_NAMES.filter((name) => !COMMANDS[name].isHidden),
  "--version",
  "--help",
];

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unknown(what: string, meant: readonly string[]): string {
  const guess = meant.length === 0
    ? ""
    : `; did you mean ${meant.join(", or ")}?`;
  return `Unknown ${what}${guess}`;
}

/** Placeholders of words; no flag has such a name. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(
  COMMAND_NAMES.flatMap((name) => COMMANDS[name].words?.placeholder ?? []),
);

/** Builds an application of these commands; `first` is the first word typed. */
export function application(
  commands: ReadonlyMap<CommandName, Command>,
  { first = "", isHidden = isNeverShown }: {
    readonly first?: string;
    readonly isHidden?: (name: CommandName) => boolean;
  } = {},
): Application<Invocation> {
  return buildApplication<Invocation>(
    routes(commands, isHidden),
    {
      name: "diskd",
      scanner: {
        caseStyle: "allow-kebab-for-camel",
        allowArgumentEscapeSequence: true,
        distanceOptions: MISTYPED,
      },
      documentation: { disableAnsiColor: true },
      localization: { text: textAfter(first) },
    },
    {
      help: {
        flag: {
          brief: "Print this help",
          aliases: ["h"],
          global: true,
          complete: true,
          defaultForRouteMap: true,
          async run(_application, { result: { target, prefix } }) {
            const { helpText } = await import("./help.ts");
            this.process.stdout.write(helpText(target, prefix));
          },
        },
      },
      version: {
        flag: {
          ...version<Invocation>({
            brief: "Print the version",
            alias: "V",
            info: { currentVersion: `diskd ${VERSION}` },
          }).flag!,
          global: true,
          complete: true,
        },
      },
    },
  );
}

function isNeverShown(name: CommandName): boolean {
  return COMMANDS[name].isHidden ?? false;
}

function routes(
  commands: ReadonlyMap<CommandName, Command>,
  isHidden: (name: CommandName) => boolean,
) {
  const names = [...commands.keys()];
  const byFirstWord = Map.groupBy(names, firstWord);
  const targets = [...byFirstWord].map(([word, names]) => {
    const target = isGroup(word)
      ? group(names, commands)
      : commands.get(names[0]!)!;
    return [word, target] as const;
  });
  const aliases = names.flatMap((name) =>
    (COMMANDS[name].aliases ?? []).map((alias) => [alias, name] as const)
  );
  return buildRouteMap<string, Invocation>({
    docs: {
      brief: "",
      hideRoute: Object.fromEntries(
        names.map((name) => [firstWord(name), isHidden(name)]),
      ),
    },
    routes: Object.fromEntries(targets),
    aliases: Object.fromEntries(aliases),
  });
}

/** The commands that begin with the same word. */
function group(
  names: readonly CommandName[],
  commands: ReadonlyMap<CommandName, Command>,
) {
  const routes = names.map((name) =>
    [name.split(" ")[1]!, commands.get(name)!] as const
  );
  return buildRouteMap<string, Invocation>({
    docs: { brief: names.join(", ") },
    routes: Object.fromEntries(routes),
  });
}
