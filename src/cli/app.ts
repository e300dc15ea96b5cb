import {
  ExitCode,
  type InputCompletion,
  proposeCompletions,
  run,
} from "@stricli/core";
import { ConfigError } from "../config/config_error.ts";
import { DaemonUnreachable, RemoteFailure } from "../control/client.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  commandsCalled,
  isGroup,
} from "../control/commands.ts";
import {
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  NO_HISTORY,
  WRONG_SOCKET,
} from "../control/jsonrpc.ts";
import { Refusal } from "../mount/refusal.ts";
import { EXIT } from "../system/exit_code.ts";
import { printable } from "../text/printable.ts";
import { application } from "./application.ts";
import { commandFirst, possibleCommands } from "./arguments.ts";
import { listedCommand, valueFlagsOf } from "./command.ts";
import { loadCommands } from "./commands.ts";
import type {
  CommandLine,
  CompleteOptions,
  Context,
  Invocation,
} from "./context.ts";
import { note } from "./show.ts";
import { OutputError } from "./text_output.ts";

/**
 * Runs a command line, without the program's name, and returns the exit code.
 * Reports every failure on standard error.
 */
export async function runCommandLine(
  args: readonly string[],
  context: Context,
): Promise<number> {
  const invocation = makeInvocation(context);
  const sorted = commandFirst(args, await valueFlags(possibleCommands(args)));
  const [first = ""] = sorted;
  if (isGroup(first) && sorted.length === 1) {
    const expected = commandsCalled(first).join(" or ");
    note(`diskd: Expected ${expected}`, context);
    return refused(ExitCode.UnknownCommand, { command: first, context });
  }
  const commands = await commandsToRun(first);
  await run(application(commands, { first }), sorted, invocation);
  const { outcome, process } = invocation;
  switch (outcome?.kind) {
    case "exit":
      return outcome.code;
    case "thrown":
      return reportFailure(outcome.error, context);
    case undefined:
      return refused(process.exitCode, { command: first, context });
  }
}

async function complete(
  words: readonly string[],
  { context, ...options }: CompleteOptions,
): Promise<readonly InputCompletion[]> {
  const [first = "", ...others] = words;
  const commands = await commandsToRun(others.length === 0 ? "" : first);
  const isHidden = (name: CommandName) => {
    const { isHidden, isForSessions } = COMMANDS[name];
    return isHidden === true || (isForSessions === true && !context.inPrompt);
  };
  const invocation = makeInvocation(context, options);
  return proposeCompletions(
    application(commands, { isHidden }),
    words,
    invocation,
  );
}

/** The commands a word may mean; for an unknown word, all of them, only to be listed. */
async function commandsToRun(word: string) {
  const names = commandsCalled(word);
  return names.length > 0
    ? await loadCommands(names)
    : new Map(COMMAND_NAMES.map((name) => [name, listedCommand(name)]));
}

async function valueFlags(
  names: readonly CommandName[],
): Promise<readonly string[]> {
  const commands = await loadCommands(names);
  return [...new Set([...commands.values()].flatMap(valueFlagsOf))];
}

/** Runs and completes all commands of diskd. */
export const COMMAND_LINE: CommandLine = {
  run: runCommandLine,
  complete,
  valueFlags,
};

/** The context of stricli for a command. */
function makeInvocation(
  context: Context,
  { socket, before = [] }: Omit<CompleteOptions, "context"> = {},
): Invocation {
  const { stdout, stderr, env } = context;
  return {
    process: { stdout, stderr, env },
    context,
    socket,
    before,
    outcome: null,
  };
}

/** Handles a command line that stricli answered or refused itself. */
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
      // Without a command it was the prompt, which nobody typed.
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

/** Reports why a command failed, and returns its exit code. */
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
  if (error instanceof RemoteFailure && error.code === METHOD_NOT_FOUND) {
    note("diskd: the daemon is an older diskd without this command", context);
    note("Restart the daemon, so that both are the same version.", context);
    return EXIT.unreachable;
  }
  if (error instanceof RemoteFailure) {
    note(`diskd: the daemon reports: ${printable(error.message)}`, context);
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
    "diskd: this is a bug, please report it: " +
      `${printable(message)}${more}`,
    context,
  );
  if (isDebugging && stack !== undefined) note(stack, context);
  return EXIT.internal;
}
