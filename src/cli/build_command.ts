import {
  buildCommand,
  type Command,
  type FlagParametersForType,
} from "@stricli/core";
import type {
  CommonOptions,
  Invocation,
  Load,
  Options,
  Words,
} from "./context.ts";
import { COMMON_FLAGS } from "./flags.ts";

const NO_WORDS: Words = { placeholder: "", brief: "", maximum: 0 };

function adapt<Flags>(load: Load<Flags & { words: readonly string[] }>) {
  return async () => {
    const run = await load();
    return async function (
      this: Invocation,
      flags: Flags,
      ...words: readonly string[]
    ) {
      try {
        const code = await run({ ...flags, words }, this.context);
        this.outcome = { kind: "exit", code };
      } catch (error) {
        this.outcome = { kind: "thrown", error };
      }
    };
  };
}

/** Without a prototype, or `--constructor` would be found to be a flag. */
function bare<Flags extends object>(flags: Flags): Flags {
  return Object.assign(Object.create(null), flags);
}

function positional(words: Words) {
  const { placeholder, brief, minimum, maximum } = words;
  return {
    kind: "array" as const,
    parameter: {
      placeholder,
      brief,
      parse: words.parse ?? String,
      ...(words.propose && { proposeCompletions: words.propose }),
    },
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}

/** What a command is, besides its flags. */
interface About<Given> {
  readonly brief: string;
  /** Default: the brief. */
  readonly help?: string;
  readonly load: Load<Given & { readonly words: readonly string[] }>;
  /** Default: it takes none. */
  readonly words?: Words;
}

/** A command with exactly these flags. */
export function commandOf<Flags extends object>(
  flags: FlagParametersForType<Flags, Invocation>,
  { brief, help, load, words = NO_WORDS }: About<Flags>,
): Command<Invocation> {
  return buildCommand<Flags, readonly string[], Invocation>({
    docs: { brief, ...(help !== undefined && { fullDescription: help }) },
    parameters: { flags: bare(flags), positional: positional(words) },
    loader: adapt<Flags>(load),
  });
}

/** A command with flags of its own, and the common ones. */
export function commandWith<Flags extends object>(
  flags: FlagParametersForType<Flags, Invocation>,
  about: About<CommonOptions & Flags>,
): Command<Invocation> {
  return commandOf<CommonOptions & Flags>(
    { ...flags, ...COMMON_FLAGS } as FlagParametersForType<
      CommonOptions & Flags,
      Invocation
    >,
    about,
  );
}

/** A command with the common flags alone. */
export function command(
  brief: string,
  load: Load<Options>,
  words: Words = NO_WORDS,
): Command<Invocation> {
  return commandOf<CommonOptions>(COMMON_FLAGS, { brief, load, words });
}
