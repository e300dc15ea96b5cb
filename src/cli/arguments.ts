/** Flags that are followed by a value. */
export const VALUE_FLAGS: readonly string[] = [
  "--socket",
  "--socket-group",
  "--read-socket",
  "--read-socket-group",
  "--state-dir",
  "--interface",
  "--group",
  "--port",
  "--ttl",
  "--scan-interval",
  "--announce-interval",
  "--host-name",
  "--history-keep-days",
  "--history-max-megabytes",
  "--log-level",
  "--log-format",
  "--config",
  "--host",
  "--since",
  "--format",
  "--at",
  "--user",
  "--ssh-option",
];

const DAEMON_FLAGS: readonly string[] = ["--daemon", "-d"];
const ANSWERED_AT_ONCE: readonly string[] = ["--help", "-h", "--version", "-V"];

/** A command line, sorted. */
interface Arguments {
  /** Flags, with their values, that stand before the command. */
  readonly leading: readonly string[];
  /** The command and all that follows it. */
  readonly rest: readonly string[];
  /** Whether `--daemon` or `-d` was among them; it is left out of both. */
  readonly isDaemon: boolean;
}

/** Sorts a command line: flags may stand before the command, and `--daemon` anywhere. */
export function sortArguments(args: readonly string[]): Arguments {
  const leading: string[] = [];
  const rest: string[] = [];
  let isDaemon = false;
  for (let at = 0; at < args.length; at++) {
    const argument = args[at]!;
    if (argument === "--") {
      rest.push(...args.slice(at));
      break;
    }
    if (DAEMON_FLAGS.includes(argument)) {
      isDaemon = true;
      continue;
    }
    const isFlag = argument.startsWith("-") && argument !== "-";
    const into = isFlag && rest.length === 0 ? leading : rest;
    if (isFlag && VALUE_FLAGS.includes(argument.slice(0, -"=".length))) {
      // Else stricli would take `--socket=` for a word.
      into.push(argument.slice(0, -"=".length), "");
      continue;
    }
    into.push(argument);
    if (VALUE_FLAGS.includes(argument) && at + 1 < args.length) {
      into.push(args[++at]!);
    }
  }
  return { leading, rest, isDaemon };
}

/** The command line with its command first: `daemon` for `--daemon`, `prompt` where there is none. */
export function commandFirst(args: readonly string[]): string[] {
  const { leading, rest, isDaemon } = sortArguments(args);
  if (isDaemon) return ["daemon", ...leading, ...rest];
  const [command, ...others] = rest;
  if (command !== undefined && command !== "--") {
    return [command, ...leading, ...others];
  }
  const answered = leading.filter((flag) => ANSWERED_AT_ONCE.includes(flag));
  return answered.length > 0 ? answered : ["prompt", ...leading, ...rest];
}
