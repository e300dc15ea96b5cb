import { COMMANDS } from "../control/commands.ts";
import {
  behindName,
  isDashedWord,
  possibleCommands,
  sortArguments,
} from "./arguments.ts";
import type { CompleteOptions, Context } from "./context.ts";
import { COMMON_FLAGS, FILE_NAMES, flagName } from "./command.ts";

interface Proposal {
  readonly text: string;
  /** Its brief; empty for a value. */
  readonly brief: string;
}

/** Candidates: names of files, which the shell knows, or these words. */
type Proposals =
  | { readonly kind: "files" }
  | { readonly kind: "words"; readonly proposals: readonly Proposal[] };

/**
 * Candidates after `words` that begin with `partial`. Flags only for a partial
 * that begins with `-`.
 */
export async function propose(
  { words, partial }: {
    readonly words: readonly string[];
    readonly partial: string;
  },
  context: Context,
): Promise<Proposals> {
  const names = possibleCommands(words);
  const valueFlags = await context.commandLine.valueFlags(names);
  const { leading, rest, isDaemon } = sortArguments(words, valueFlags);
  if (!isDaemon && rest.length === 0) {
    return await atTheStart({ leading, partial }, context);
  }
  if (isDaemon) {
    return await ask(["daemon", ...leading, ...rest, partial], { context });
  }
  const inputs = behindName(leading, rest);
  const before = rest.slice(1).filter((word, index) =>
    !word.startsWith("-") && !valueFlags.includes(rest[index]!)
  );
  // stricli takes the letters of a dashed word for flags.
  const marked = isDashedWord(partial, rest) ? ["--", partial] : [partial];
  return await ask([...inputs, ...marked], { context, before });
}

/** Before the command: a command, a common flag, or its value. */
async function atTheStart(
  { leading, partial }: {
    readonly leading: readonly string[];
    readonly partial: string;
  },
  context: Context,
): Promise<Proposals> {
  if (leading.at(-1) === "--socket") return { kind: "files" };
  if (leading.at(-1) === "--color") {
    return ask(["list", "--color", partial], { context });
  }
  const found = await ask([partial], { context });
  if (!partial.startsWith("-") || found.kind === "files") return found;
  const flags = [
    ...Object.entries(COMMON_FLAGS).map(([name, { brief }]) => ({
      text: flagName(name),
      brief,
    })),
    { text: "--daemon", brief: COMMANDS.daemon.brief },
  ].filter(({ text }) => text.startsWith(partial));
  return { kind: "words", proposals: [...flags, ...found.proposals] };
}

async function ask(
  inputs: readonly string[],
  options: Pick<CompleteOptions, "context" | "before">,
): Promise<Proposals> {
  const partial = inputs.at(-1)!;
  const socket = findSocket(inputs);
  const { commandLine } = options.context;
  const found = await commandLine.complete(inputs, { ...options, socket });
  if (found.some(({ completion }) => completion.endsWith(FILE_NAMES))) {
    return { kind: "files" };
  }
  const proposals = found
    .filter(({ kind }) => kind !== "argument:flag" || partial.startsWith("-"))
    .map(({ kind, completion, brief }) => ({
      text: completion,
      brief: kind === "argument:value" ? "" : brief,
    }));
  return { kind: "words", proposals };
}

function findSocket(inputs: readonly string[]): string | undefined {
  const at = inputs.lastIndexOf("--socket");
  if (at !== -1) return inputs[at + 1];
  const joined = inputs.findLast((input) => input.startsWith("--socket="));
  return joined?.slice("--socket=".length);
}
