import type { JsonObject } from "../text/json_object.ts";
import { nearest } from "../text/nearest.ts";
import { printableStart } from "../text/printable.ts";
import { type Access, ALL, refusal } from "./handlers.ts";
import type { ListParams, MethodName } from "./views.ts";

/** A command of the text side of the control socket. */
export interface Command {
  readonly word: string;
  /** Name of its argument; `null`: none. */
  readonly argument: "NAME" | null;
  /** Options and the parameters each stands for. Default: none. */
  readonly options?: Readonly<Record<string, JsonObject>>;
  readonly does: string;
  /**
   * The methods it calls in order, whose last result is its answer; or another
   * action.
   */
  readonly action: readonly MethodName[] | "watch" | "help" | "quit";
}

const LIST_OPTIONS: Readonly<Record<string, ListParams & JsonObject>> = {
  "--all": { all: true },
  "--mounted": { mounted: true },
  "--unmounted": { mounted: false },
};

/** All commands, in the order of `help`. */
export const COMMANDS: readonly Command[] = [
  {
    word: "list",
    argument: null,
    options: LIST_OPTIONS,
    does: "every disk on every host; --all, --mounted, --unmounted",
    action: ["list"],
  },
  {
    word: "where",
    argument: "NAME",
    does: "where the disk with this label, UUID, serial or device is",
    action: ["where"],
  },
  {
    word: "history",
    argument: "NAME",
    does: "where that disk has been, newest first",
    action: ["history"],
  },
  command(
    "duplicates",
    ["duplicates"],
    "UUIDs, labels and the like that are on two devices at once",
  ),
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

/** A typed line. */
type TypedLine =
  | { readonly kind: "empty" }
  | {
    readonly kind: "command";
    readonly command: Command;
    /** Parameters from the rest of the line. */
    readonly params: JsonObject;
  }
  | { readonly kind: "wrong"; readonly message: string };

/**
 * Parses a line: a word in upper or lower case, followed by a name or options
 * if the word takes any.
 */
export function parseCommand(line: string): TypedLine {
  const [, word = "", rest = ""] = TYPED.exec(line.trim()) ?? [];
  if (word === "") return { kind: "empty" };
  const command = COMMANDS.find((one) => one.word === word.toLowerCase());
  if (command === undefined) {
    return wrong(unknownCommand(word));
  }
  if (command.argument !== null) return withName(command, rest);
  if (command.options !== undefined) return withOptions(command, rest);
  return rest === ""
    ? { kind: "command", command, params: {} }
    : wrong(`${command.word} takes no argument, found ${quote(rest)}`);
}

function withName(command: Command, name: string): TypedLine {
  const { word, argument } = command;
  return name === ""
    ? wrong(`${word} needs a name; type ${word} ${argument}`)
    : { kind: "command", command, params: { name } };
}

function withOptions(command: Command, rest: string): TypedLine {
  const options = command.options ?? {};
  const params: Record<string, unknown> = {};
  for (const typed of rest.split(/\s+/).filter((word) => word !== "")) {
    const option = typed.toLowerCase();
    if (!Object.hasOwn(options, option)) {
      return wrong(
        `${command.word} takes ${Object.keys(options).join(", ")}, found ${
          quote(typed)
        }`,
      );
    }
    for (const [key, value] of Object.entries(options[option]!)) {
      if ((params[key] ?? value) !== value) {
        return wrong(`${option} is the opposite of what stands before it`);
      }
      params[key] = value;
    }
  }
  return { kind: "command", command, params };
}

function wrong(message: string): TypedLine {
  return { kind: "wrong", message };
}

function unknownCommand(word: string): string {
  const words = COMMANDS.map((one) => one.word);
  const [meant] = nearest(word, words, { limit: 1 });
  const hint = meant === undefined ? "" : ` did you mean "${meant}"?`;
  return `unknown command ${quote(word)};${hint} type help`;
}

/** The answer to `help`: the commands allowed on a socket with this access. */
export function commandsHelp(access: Access = ALL): string {
  const commands = COMMANDS.filter(({ action }) =>
    typeof action === "string" ||
    action.every((method) => refusal(access, method) === null)
  );
  const names = commands.map(({ word, argument, options }) => {
    if (argument !== null) return `${word} ${argument}`;
    return options === undefined ? word : `${word} [OPTION...]`;
  });
  const width = Math.max(...names.map((name) => name.length));
  return commands
    .map(({ does }, index) => `${names[index]!.padEnd(width)}  ${does}`)
    .join("\n");
}

/** Untrusted text, cut and safe for a terminal. */
function quote(text: string): string {
  return `"${printableStart(text, MAX_QUOTED_CHARS)}"`;
}

const TYPED = /^(\S+)\s*(.*)$/su;
const MAX_QUOTED_CHARS = 40;
