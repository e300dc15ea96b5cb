import type { MethodName } from "./handlers.ts";
import { nearest } from "../text/nearest.ts";
import { printableStart } from "../text/printable.ts";

/** A command of the text side of the control socket. */
export interface Command {
  readonly word: string;
  /** What its argument is called, `null` where it takes none. */
  readonly argument: "NAME" | null;
  readonly does: string;
  /** The methods that it calls, one after the other, its answer being the last one's; or what it does instead. */
  readonly action: readonly MethodName[] | "watch" | "help" | "quit";
}

/** Every command, in the order in which `help` shows them. */
export const COMMANDS: readonly Command[] = [
  command("list", ["list"], "every disk on every host"),
  {
    word: "where",
    argument: "NAME",
    does: "where the disk with this label, UUID, serial or device is",
    action: ["where"],
  },
  command("hosts", ["hosts"], "every host known"),
  command("localhost", ["localhost"], "this host and its interfaces"),
  command("status", ["status"], "how the daemon is doing"),
  command("refresh", ["refresh"], "look for disks on this host now"),
  command("announce", ["announce"], "tell the other hosts now"),
  command("ping", ["ping"], "ask all hosts to announce, and wait for them"),
  command("scan", ["refresh", "ping", "list"], "refresh, ping, then list"),
  command("watch", "watch", "follow events, one a line"),
  command("debug", "watch", "the same as watch"),
  command("help", "help", "this list"),
  command("quit", "quit", "end the connection"),
  command("exit", "quit", "the same as quit"),
];

function command(
  word: string,
  action: Command["action"],
  does: string,
): Command {
  return { word, argument: null, does, action };
}

/** A line that somebody typed. */
export type TypedLine =
  | { readonly kind: "empty" }
  | {
    readonly kind: "command";
    readonly command: Command;
    /** The rest of the line without the spaces around it; may be empty. */
    readonly argument: string;
  }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads a line: a word in upper or lower case, and an argument where the word takes one. */
export function parseCommand(line: string): TypedLine {
  const [, word = "", argument = ""] = TYPED.exec(line.trim()) ?? [];
  if (word === "") return { kind: "empty" };
  const command = COMMANDS.find((one) => one.word === word.toLowerCase());
  if (command === undefined) {
    return { kind: "wrong", message: unknownCommand(word) };
  }
  if (command.argument === null && argument !== "") {
    return {
      kind: "wrong",
      message: `${command.word} takes no argument, found ${quote(argument)}`,
    };
  }
  if (command.argument !== null && argument === "") {
    return {
      kind: "wrong",
      message:
        `${command.word} needs a name; type ${command.word} ${command.argument}`,
    };
  }
  return { kind: "command", command, argument };
}

function unknownCommand(word: string): string {
  const words = COMMANDS.map((one) => one.word);
  const [meant] = nearest(word, words, { limit: 1 });
  const hint = meant === undefined ? "" : ` did you mean "${meant}"?`;
  return `unknown command ${quote(word)};${hint} type help`;
}

/** The answer to `help`. */
export function helpText(): string {
  const names = COMMANDS.map(({ word, argument }) =>
    argument === null ? word : `${word} ${argument}`
  );
  const width = Math.max(...names.map((name) => name.length));
  return COMMANDS
    .map(({ does }, index) => `${names[index]!.padEnd(width)}  ${does}`)
    .join("\n");
}

/** Text from a stranger, cut short and with nothing in it that a terminal obeys. */
function quote(text: string): string {
  return `"${printableStart(text, MAX_QUOTED_CHARS)}"`;
}

const TYPED = /^(\S+)\s*(.*)$/su;
const MAX_QUOTED_CHARS = 40;
