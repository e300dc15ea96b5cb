/**
 * Defines a command by its flags, help and action; its name, words and brief
 * are in the table of src/control.
 */
import {
  buildCommand,
  type Command as BuiltCommand,
  type FlagParametersForType,
  type InputParser,
} from "@stricli/core";
import { kebabCase } from "../config/settings.ts";
import { type CommandName, COMMANDS, type Words } from "../control/commands.ts";
import type {
  CommonOptions,
  Context,
  Invocation,
  MountContext,
} from "./context.ts";

/** A command for stricli. */
export type Command = BuiltCommand<Invocation>;

/** The definition of a command, besides its entry in the table. */
interface About<Flags, Given> {
  /** Its own flags. Default: none. */
  readonly flags?: Flags;
  /** Letters that stand for flags. Default: none. */
  readonly letters?: Readonly<Record<string, keyof Flags & string>>;
  /** Whether it also accepts the common flags. Default: yes. */
  readonly hasCommonFlags?: boolean;
  /** Text of `--help` below the brief. */
  readonly help?: string;
  /** Parses a word. Default: unchanged. */
  readonly parseWord?: InputParser<string>;
  /** Completions of its words. */
  readonly propose?: Propose;
  /** Runs it, and returns the exit code. */
  readonly run: (
    options: Given,
    context: Context,
  ) => number | Promise<number>;
}

/** Candidates for `partial`; those without this prefix are removed later. */
type Propose = (
  asker: Invocation,
  partial: string,
) => readonly string[] | Promise<readonly string[]>;

/** The arguments of a command: its flags, and its words. */
export type Options<Flags = unknown> = CommonOptions & FlagValues<Flags> & {
  readonly words: readonly string[];
};

/** The types of flag values. */
type FlagValues<Flags> =
  & {
    readonly [
      Name in keyof Flags as Flags[Name] extends Toggle ? Name : never
    ]: boolean;
  }
  & {
    readonly [
      Name in keyof Flags as Flags[Name] extends Toggle ? never : Name
    ]?: FlagValue<Flags[Name]>;
  };

type FlagValue<Flag> = Flag extends { readonly variadic: true }
  ? readonly string[]
  : Flag extends { readonly parse: (text: string) => infer Value } ? Value
  : boolean;

/** Defines a command by its name in the table. */
export function command<Flags extends object = Record<never, never>>(
  name: CommandName,
  about: About<Flags, Options<Flags>>,
): Command {
  const { brief, words } = COMMANDS[name];
  const { flags, letters, hasCommonFlags = true, help, run } = about;
  const common = hasCommonFlags ? COMMON_FLAGS : {};
  type Given = Options<Flags>;
  return buildCommand<Given, readonly string[], Invocation>({
    docs: {
      brief,
      ...(help !== undefined && { fullDescription: `${brief}.\n\n${help}` }),
    },
    parameters: {
      // Without a prototype; otherwise `--constructor` would count as a flag.
      flags: Object.assign(
        Object.create(null) as FlagParametersForType<Given, Invocation>,
        flags,
        common,
      ),
      positional: positional(words, about),
      ...(letters && { aliases: letters as FlagAliases<Given> }),
    },
    async func(flags, ...words) {
      try {
        const code = await run({ ...flags, words }, this.context);
        this.outcome = { kind: "exit", code };
      } catch (error) {
        this.outcome = { kind: "thrown", error };
      }
    },
  });
}

/** stricli's type of letters, which knows the names of the flags only in the end. */
type FlagAliases<Given> = NonNullable<
  Parameters<
    typeof buildCommand<Given, readonly string[], Invocation>
  >[0]["parameters"]["aliases"]
>;

/** A command that can be listed, completed and found, but not run. */
export function listedCommand(name: CommandName): Command {
  return command(name, {
    run: () => {
      throw new Error(`${name} is not loaded`);
    },
  });
}

const NO_WORDS: Words = { placeholder: "", brief: "", maximum: 0 };

function positional(
  { placeholder, brief, minimum, maximum }: Words = NO_WORDS,
  { parseWord = String, propose }: Pick<
    About<unknown, unknown>,
    "parseWord" | "propose"
  >,
) {
  return {
    kind: "array" as const,
    parameter: { placeholder, brief, parse: parseWord, ...proposing(propose) },
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}

/** Loads the system for a command that runs programs; other commands do not wait for it. */
export function withSystem<Given>(
  run: (options: Given, context: MountContext) => Promise<number>,
) {
  return async (options: Given, context: Context): Promise<number> => {
    const system = await context.loadSystem();
    return await run(options, { ...context, system });
  };
}

/** A flag without a value. */
export function toggle(brief: string) {
  return {
    kind: "boolean",
    brief,
    default: false,
    withNegated: false,
  } as const;
}

type Toggle = ReturnType<typeof toggle>;

/** A flag with a value. */
export function text(brief: string, placeholder: string, propose?: Propose) {
  return {
    kind: "parsed",
    parse: notEmpty,
    optional: true,
    brief,
    placeholder,
    ...proposing(propose),
  } as const;
}

/** The same, but it may be given several times. */
export function texts(brief: string, placeholder: string, propose?: Propose) {
  return { ...text(brief, placeholder, propose), variadic: true } as const;
}

/** A flag whose value is a path. */
export function path(brief: string, placeholder: string) {
  return text(brief, placeholder, proposeFiles);
}

/** A flag with one of these values. */
export function wordFlag<Word extends string>(
  brief: string,
  words: readonly Word[],
) {
  const { parse: _, ...flag } = text(brief, words.join("|"), () => words);
  return { ...flag, parse: parseOneOf(words) } as const;
}

/** Parses one of these words; throws a `RangeError` for any other. */
export function parseOneOf<Word extends string>(
  words: readonly Word[],
): (word: string) => Word {
  return (typed) => {
    const word = words.find((one) => one === typed);
    if (word !== undefined) return word;
    throw new RangeError(`expected one of ${words.join(", ")}`);
  };
}

/** @throws {RangeError} if it is empty */
function notEmpty(value: string): string {
  if (value === "") throw new RangeError("expected a value");
  return value;
}

function proposing(propose?: Propose) {
  if (propose === undefined) return {};
  return {
    proposeCompletions(this: Invocation, partial: string) {
      return propose(this, partial);
    },
  };
}

/** Proposed for the name of a file; no file can have this name. */
export const FILE_NAMES = "\0";

/** Proposes names of files, unless a flag is being typed. */
export function proposeFiles(_asker: unknown, partial: string): string[] {
  return partial.startsWith("-") ? [] : [partial + FILE_NAMES];
}

/** Flags of almost every command. */
export const COMMON_FLAGS = {
  json: toggle("Print JSON"),
  socket: path("Path of the control socket", "PATH"),
  color: wordFlag("When to print in colour", ["auto", "always", "never"]),
  noColor: toggle("The same as --color never"),
};

/** A flag as it is typed: `--no-color` for `noColor`. */
export function flagName(name: string): string {
  return `--${kebabCase(name)}`;
}

/** The common flags as typed. */
export const COMMON_FLAG_NAMES: readonly string[] = Object.keys(COMMON_FLAGS)
  .map(flagName);

/** Common flags with a value. */
export const COMMON_VALUE_FLAGS = valueFlagsIn(COMMON_FLAGS);

/** The flags of a command with a value, as typed, also by letter. */
export function valueFlagsOf({ parameters }: Command): string[] {
  const flags = valueFlagsIn(parameters.flags ?? {});
  const letters = Object.entries(parameters.aliases ?? {})
    .filter(([, name]) => flags.includes(flagName(name as string)))
    .map(([letter]) => `-${letter}`);
  return [...flags, ...letters];
}

function valueFlagsIn(
  flags: Readonly<Record<string, { readonly kind: string }>>,
): string[] {
  return Object.entries(flags)
    .filter(([, { kind }]) => kind !== "boolean")
    .map(([name]) => flagName(name));
}
