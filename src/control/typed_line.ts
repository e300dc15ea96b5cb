/** Lines typed on the text side of the control socket. */
import type { JsonObject } from "../text/json_object.ts";
import { nearest } from "../text/nearest.ts";
import { printableStart } from "../text/printable.ts";
import { COMMAND_NAMES, type CommandName, COMMANDS } from "./commands.ts";
import { type Access, ALL, refusal } from "./handlers.ts";
import type { MethodName } from "./views.ts";

/** A word that the control socket understands. */
export interface SocketWord {
  readonly word: string;
  readonly name: CommandName;
  readonly brief: string;
  /** Name of its argument; `null`: none. */
  readonly argument: "NAME" | null;
  /** Whether it does nothing without the argument. */
  readonly needsArgument: boolean;
  readonly options: Readonly<Record<string, JsonObject>>;
  /** The methods it calls in order, whose last result is its answer. */
  readonly methods: readonly (MethodName | "watch")[];
}

/** All words, in the order of `help`. */
export const SOCKET_WORDS: readonly SocketWord[] = COMMAND_NAMES.flatMap(
  socketWords,
);

function socketWords(name: CommandName): SocketWord[] {
  const { brief, aliases = [], words, methods = [], socket } = COMMANDS[name];
  if (socket === undefined) return [];
  // Where options may follow, a name would be taken for one.
  const takesName = words?.placeholder === "name" && !socket.options;
  const command = {
    word: name,
    name,
    brief,
    argument: takesName ? "NAME" as const : null,
    needsArgument: takesName && words?.minimum !== undefined,
    options: socket.options ?? {},
    methods: socket.methods ?? methods,
  };
  const others = aliases.map((word) => ({
    ...command,
    word,
    brief: `The same as ${name}`,
  }));
  return [command, ...others];
}

/** A typed line. */
type TypedLine =
  | { readonly kind: "empty" }
  | {
    readonly kind: "command";
    readonly command: SocketWord;
    /** Parameters from the rest of the line. */
    readonly params: JsonObject;
  }
  | { readonly kind: "wrong"; readonly message: string };

/**
 * Parses a line: a word in upper or lower case, followed by a name or options
 * if the word takes any.
 */
export function parseTypedLine(line: string): TypedLine {
  const [, word = "", rest = ""] = TYPED.exec(line.trim()) ?? [];
  if (word === "") return { kind: "empty" };
  const command = SOCKET_WORDS.find((one) => one.word === word.toLowerCase());
  if (command === undefined) {
    return wrong(unknownCommand(word));
  }
  if (command.argument !== null) return withName(command, rest);
  if (Object.keys(command.options).length > 0) {
    return withOptions(command, rest);
  }
  return rest === ""
    ? { kind: "command", command, params: {} }
    : wrong(`${command.word} takes no argument, found ${quote(rest)}`);
}

function withName(command: SocketWord, name: string): TypedLine {
  const { word, argument, needsArgument } = command;
  if (name !== "") return { kind: "command", command, params: { name } };
  return needsArgument
    ? wrong(`${word} needs a name; type ${word} ${argument}`)
    : { kind: "command", command, params: {} };
}

function withOptions(command: SocketWord, rest: string): TypedLine {
  const { options } = command;
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
        return wrong(`${option} contradicts an earlier option`);
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
  const words = SOCKET_WORDS.map((one) => one.word);
  const [meant] = nearest(word, words, { limit: 1 });
  const hint = meant === undefined ? "" : ` did you mean "${meant}"?`;
  return `unknown command ${quote(word)};${hint} type help`;
}

/** The answer to `help`: the commands allowed on a socket with this access. */
export function socketHelp(access: Access = ALL): string {
  const answered = SOCKET_WORDS.filter(({ methods }) =>
    methods.every((method) => refusal(access, method) === null)
  );
  const typed = answered.map(howTyped);
  const width = Math.max(...typed.map((text) => text.length));
  return answered
    .map(({ brief }, index) => `${typed[index]!.padEnd(width)}  ${brief}`)
    .join("\n");
}

function howTyped(
  { word, argument, needsArgument, options }: SocketWord,
): string {
  if (argument !== null) {
    return `${word} ${needsArgument ? argument : `[${argument}]`}`;
  }
  return Object.keys(options).length > 0 ? `${word} [OPTION...]` : word;
}

/** Untrusted text, cut and safe for a terminal. */
function quote(text: string): string {
  return `"${printableStart(text, MAX_QUOTED_CHARS)}"`;
}

const TYPED = /^(\S+)\s*(.*)$/su;
const MAX_QUOTED_CHARS = 40;
