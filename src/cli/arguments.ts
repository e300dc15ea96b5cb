import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  commandsCalled,
  isGroup,
} from "../control/commands.ts";
import { COMMON_FLAG_NAMES, COMMON_VALUE_FLAGS } from "./command.ts";

const DAEMON_FLAGS: readonly string[] = ["--daemon", "-d"];
const ANSWERED_AT_ONCE: readonly string[] = ["--help", "-h", "--version", "-V"];

/** A command line, sorted. */
interface Arguments {
  /** Flags before the command, with their values. */
  readonly leading: readonly string[];
  /** The command and everything after it. */
  readonly rest: readonly string[];
  /** Whether `--daemon` or `-d` was present; it is removed from both. */
  readonly isDaemon: boolean;
}

/**
 * Sorts a command line: flags may precede the command, and `--daemon` may be
 * anywhere.
 *
 * @param valueFlags flags with a value, of the possible commands
 */
export function sortArguments(
  args: readonly string[],
  valueFlags: readonly string[],
): Arguments {
  const leading: string[] = [];
  const rest: string[] = [];
  const dashed: string[] = [];
  let isDaemon = false;
  for (let at = 0; at < args.length; at++) {
    const argument = args[at]!;
    if (argument === "--") {
      rest.push(...args.slice(at));
      break;
    }
    if (isDashedWord(argument, rest)) {
      dashed.push(argument);
      continue;
    }
    if (DAEMON_FLAGS.includes(argument)) {
      isDaemon = true;
      continue;
    }
    const isFlag = argument.startsWith("-") && argument !== "-";
    const into = isFlag && rest.length === 0 ? leading : rest;
    if (isFlag && valueFlags.includes(argument.slice(0, -"=".length))) {
      // Otherwise stricli would read `--socket=` as a word.
      into.push(argument.slice(0, -"=".length), "");
      continue;
    }
    into.push(argument);
    if (valueFlags.includes(argument) && at + 1 < args.length) {
      into.push(args[++at]!);
    }
  }
  if (dashed.length > 0) {
    rest.push(...(rest.includes("--") ? [] : ["--"]), ...dashed);
  }
  return { leading, rest, isDaemon };
}

/** Whether it is no flag, but a word that begins like one: `-old` of `tag NAME -old`. */
export function isDashedWord(
  argument: string,
  before: readonly string[],
): boolean {
  const [command, name] = before;
  return name !== undefined && /^-[^-]/.test(argument) &&
    commandsCalled(command!).some((one) => COMMANDS[one].takesDashedWords);
}

/**
 * The possible commands of a command line, so that only their flags must be
 * known to sort it: all commands if uncommon flags precede the command, or
 * `--daemon` is not at the beginning.
 */
export function possibleCommands(
  args: readonly string[],
): readonly CommandName[] {
  if (DAEMON_FLAGS.includes(args[0]!)) return ["daemon"];
  const { leading, rest, isDaemon } = sortArguments(args, COMMON_VALUE_FLAGS);
  const flags = leading.filter((word) => word.startsWith("-"));
  const known = [...COMMON_FLAG_NAMES, ...ANSWERED_AT_ONCE];
  if (isDaemon || !flags.every((flag) => known.includes(flag))) {
    return COMMAND_NAMES;
  }
  const isAnswered = flags.some((flag) => ANSWERED_AT_ONCE.includes(flag));
  return commandsCalled(rest[0] ?? (isAnswered ? "" : "prompt"));
}

/** The command line with its command first: `daemon` for `--daemon`, `prompt` if there is none. */
export function commandFirst(
  args: readonly string[],
  valueFlags: readonly string[],
): string[] {
  const { leading, rest, isDaemon } = sortArguments(args, valueFlags);
  if (isDaemon) return ["daemon", ...leading, ...rest];
  if (rest.length > 0 && rest[0] !== "--") return behindName(leading, rest);
  const answered = leading.filter((flag) => ANSWERED_AT_ONCE.includes(flag));
  return answered.length > 0 ? answered : ["prompt", ...leading, ...rest];
}

/** Inserts flags after the name of the command that begins `rest`. */
export function behindName(
  flags: readonly string[],
  rest: readonly string[],
): string[] {
  const count = isGroup(rest[0]!) ? 2 : 1;
  return [...rest.slice(0, count), ...flags, ...rest.slice(count)];
}
