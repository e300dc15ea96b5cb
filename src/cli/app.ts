import {
  ArgumentScannerError,
  buildApplication,
  ExitCode,
  formatMessageForArgumentScannerError,
  type InputCompletion,
  proposeCompletions,
  run,
  text_en,
  version,
} from "@stricli/core";
import { ConfigError } from "../config/config_error.ts";
import { DaemonUnreachable, RemoteFailure } from "../control/client.ts";
import {
  INVALID_PARAMS,
  NO_HISTORY,
  WRONG_SOCKET,
} from "../control/jsonrpc.ts";
import { Refusal } from "../mount/refusal.ts";
import { printable } from "../text/printable.ts";
import { VERSION } from "../version.ts";
import { commandFirst, VALUE_FLAGS } from "./arguments.ts";
import { COMMANDS } from "./commands.ts";
import type {
  CommandLine,
  CompleteOptions,
  Context,
  Invocation,
} from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { flagName } from "./flags.ts";
import { helpText } from "./help.ts";
import { note } from "./show.ts";
import { OutputError } from "./text_output.ts";

/** How far from a command a word may be and still be taken for a slip of the fingers. */
const MISTYPED = {
  threshold: 3,
  weights: { insertion: 1, deletion: 2, substitution: 2, transposition: 0 },
};

/** Texts of stricli that say what is wrong with the arguments, in our words. */
const TEXT = {
  ...text_en,
  briefs: {
    ...text_en.briefs,
    argumentEscapeSequence: "What follows is no flag",
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
        AliasNotFoundError: ({ input }) => unknown(`flag -${input}`, []),
      })
      : String(error);
    return `diskd: ${printable(message)}`;
  },
};

/** The same for a command line that begins with that word. */
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
      const meant = corrections.map((word) => group + word.replaceAll("`", ""));
      return `diskd: ${printable(unknown(`command ${input}`, meant))}`;
    },
  };
}

/** A flag with its dashes; what a word stands for as it is. */
function asTyped(flagOrPlaceholder: string): string {
  const flag = flagName(flagOrPlaceholder);
  return VALUE_FLAGS.includes(flag) ? flag : flagOrPlaceholder;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unknown(what: string, meant: readonly string[]): string {
  const guess = meant.length === 0
    ? ""
    : `; did you mean ${meant.join(", or ")}?`;
  return `Unknown ${what}${guess}`;
}

/** Command lines as stricli sees them; those that begin with `first` are answered in words that fit. */
function application(first = "") {
  return buildApplication<Invocation>(
    COMMANDS,
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
          run(_application, { result: { target, prefix } }) {
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

/** Runs one command line, without the program's name, and returns the exit code. Whatever goes wrong is said on standard error. */
export async function runCommandLine(
  args: readonly string[],
  context: Context,
): Promise<number> {
  const invocation = makeInvocation(context);
  const sorted = commandFirst(args);
  await run(application(sorted[0]), sorted, invocation);
  const { outcome, process } = invocation;
  switch (outcome?.kind) {
    case "exit":
      return outcome.code;
    case "thrown":
      return reportFailure(outcome.error, context);
    case undefined:
      return refused(process.exitCode, { command: sorted[0]!, context });
  }
}

function complete(
  words: readonly string[],
  { context, socket }: CompleteOptions,
): Promise<readonly InputCompletion[]> {
  const invocation = makeInvocation(context, socket);
  return proposeCompletions(application(), words, invocation);
}

/** Runs and completes all commands of diskd. */
export const COMMAND_LINE: CommandLine = { run: runCommandLine, complete };

/** What stricli needs to run a command in this context. */
function makeInvocation(context: Context, socket?: string): Invocation {
  const { stdout, stderr, env } = context;
  return {
    process: { stdout, stderr, env },
    context,
    socket,
    outcome: null,
  };
}

/** Whether it is one of several commands that begin with that word. */
function isGroup(word: string): boolean {
  return COMMANDS.getAllEntries().some(({ name, target }) =>
    name.original === word && "getAllEntries" in target
  );
}

/** What stricli answered itself, or would not run. */
function refused(
  code: Invocation["process"]["exitCode"],
  { command, context }: {
    readonly command: string;
    readonly context: Context;
  },
): number {
  const typed = context.inPrompt ? "help" : "diskd help";
  switch (code) {
    case ExitCode.Success:
      return EXIT.ok;
    case ExitCode.InvalidArgument:
      // Without a command it is the prompt that refused, and nobody typed that.
      note(
        `See: ${typed} ${command === "prompt" ? "" : command}`.trimEnd(),
        context,
      );
      return EXIT.usage;
    case ExitCode.UnknownCommand:
      note(
        `See: ${typed} ${isGroup(command) ? command : ""}`.trimEnd(),
        context,
      );
      return EXIT.usage;
    default:
      return EXIT.internal;
  }
}

/** Says why a command failed, and returns the exit code for it. */
export function reportFailure(error: unknown, context: Context): number {
  if (error instanceof DaemonUnreachable) {
    note(`diskd: ${printable(error.message)}`, context);
    note("Without a daemon: diskd scan", context);
    return EXIT.unreachable;
  }
  if (error instanceof ConfigError) {
    note(error.message, context);
    return EXIT.usage;
  }
  if (error instanceof Refusal) {
    note(`diskd: ${error.message}`, context);
    for (const hint of error.hints) note(hint, context);
    return EXIT[error.kind];
  }
  if (error instanceof RemoteFailure && error.code === NO_HISTORY) {
    note(`diskd: ${printable(error.message)}`, context);
    return EXIT.notKnown;
  }
  if (error instanceof RemoteFailure && error.code === WRONG_SOCKET) {
    note(`diskd: ${printable(error.message)}`, context);
    return EXIT.unreachable;
  }
  if (error instanceof RemoteFailure) {
    note(`diskd: the daemon says: ${printable(error.message)}`, context);
    return error.code === INVALID_PARAMS ? EXIT.usage : EXIT.internal;
  }
  if (error instanceof OutputError) {
    note(`diskd: ${error.message}`, context);
    return EXIT.output;
  }
  return reportBug(error, context);
}

function reportBug(error: unknown, context: Context): number {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const isDebugging = context.env["DISKD_LOG_LEVEL"] === "debug";
  const more = isDebugging ? "" : " (DISKD_LOG_LEVEL=debug shows more)";
  note(
    "diskd: this should not have happened, please report it: " +
      `${printable(message)}${more}`,
    context,
  );
  if (isDebugging && stack !== undefined) note(stack, context);
  return EXIT.internal;
}
