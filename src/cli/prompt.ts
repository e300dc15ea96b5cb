import type { Interface } from "node:readline";
import { ownStateDir, type User } from "../config/paths.ts";
import {
  COMMAND_NAMES,
  COMMANDS,
  commandsCalled,
} from "../control/commands.ts";
import {
  checkOwnDirectory,
  checkOwnFile,
  makeOwnDirectory,
} from "../system/own_files.ts";
import { printable } from "../text/printable.ts";
import { writeWholeSync } from "../system/write_whole.ts";
import { VERSION } from "../version.ts";
import { sortArguments } from "./arguments.ts";
import { command, type Options } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "../system/exit_code.ts";
import { propose } from "./propose.ts";
import { quoteWord, shellWords, splitShellLine } from "./shell_line.ts";
import { note } from "./show.ts";

/** With the name of the machine: people have the prompts of several hosts before them. */
function promptHere(): string {
  return `${printable(Deno.hostname())}=> `;
}

/** `diskd` alone: the prompt, on a terminal. */
export const prompt = command("prompt", { run });

/** `quit` and `exit`: the prompt handles them itself, so here there is none. */
export const quit = command("quit", {
  hasCommonFlags: false,
  run(_options, context) {
    note(
      "There is nothing to quit: quit and exit leave the prompt, " +
        "which diskd alone opens.",
      context,
    );
    return EXIT.usage;
  },
});

async function run(
  given: Options,
  context: Context,
): Promise<number> {
  if (context.inPrompt) return EXIT.ok;
  if (!context.isInteractive) {
    note(
      "diskd: Expected a command, such as diskd list; " +
        "on a terminal, diskd alone is a prompt",
      context,
    );
    note("See: diskd help", context);
    return EXIT.usage;
  }
  const inner = insidePrompt(given, context);
  context.stdout.write(`diskd ${VERSION}. Type help, or quit.\n`);
  await context.stdout.flush();
  const valueFlags = await context.commandLine.valueFlags(COMMAND_NAMES);
  const history = new PromptHistory(promptHistoryPath(context));
  const { lines, keyboard } = await openReadline(history, inner);
  const terminal = new SharedTerminal(lines, keyboard);
  const options = { context: inner, valueFlags, history, terminal };
  await new PromptLoop(lines, options).run();
  return EXIT.ok;
}

/** The environment of commands typed at the prompt: they inherit `--socket`. */
function insidePrompt({ socket }: Options, context: Context): Context {
  const env = socket === undefined
    ? context.env
    : { ...context.env, DISKD_SOCKET: socket };
  return { ...context, env, inPrompt: true };
}

async function openReadline(
  history: PromptHistory,
  context: Context,
): Promise<{ readonly lines: Interface; readonly keyboard: Keyboard }> {
  const { createInterface } = await import("node:readline");
  const { stdin, stdout } = await import("node:process");
  const lines = createInterface({
    input: stdin,
    output: stdout,
    prompt: promptHere(),
    history: history.read(),
    historySize: MAX_HISTORY_LINES,
    removeHistoryDuplicates: true,
    completer: (line: string, done: Completed) => {
      completePrompt(line, context).then(
        ([words, replaced]) => done(null, [words, replaced]),
        () => done(null, [[], line]),
      );
    },
  });
  return { lines, keyboard: stdin };
}

type Completed = (error: null, result: [string[], string]) => void;

interface LoopOptions {
  readonly context: Context;
  readonly history: PromptHistory;
  readonly terminal: SharedTerminal;
  /** Flags of all commands with a value. */
  readonly valueFlags: readonly string[];
}

/** Reads lines and runs them in order until the user quits. */
class PromptLoop {
  readonly #lines: Interface;
  readonly #context: Context;
  readonly #history: PromptHistory;
  readonly #terminal: SharedTerminal;
  readonly #valueFlags: readonly string[];
  /** Lines typed while a command was running. */
  readonly #waiting: string[] = [];
  /** Of the running command. */
  #running: AbortController | null = null;
  /** Receives the next line, if a command has asked a question. */
  #answer: ((line: string | null) => void) | null = null;
  #isQuitting = false;
  #isClosed = false;

  constructor(lines: Interface, options: LoopOptions) {
    const { context, history, terminal, valueFlags } = options;
    this.#lines = lines;
    this.#context = context;
    this.#history = history;
    this.#terminal = terminal;
    this.#valueFlags = valueFlags;
  }

  /** Settles when the user quits. */
  run(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lines.on("line", (line) => {
      if (this.#answer !== null) return this.#answer(line);
      if (this.#running === null && this.#isAsking(line)) {
        this.#terminal.lend(() => this.#running?.abort());
      }
      this.#waiting.push(line);
      void this.#work();
    });
    this.#lines.on("SIGINT", () => this.#interrupt());
    this.#lines.on("close", () => {
      // After Ctrl-D the cursor is still on the line of the prompt.
      if (!this.#isQuitting) this.#context.stdout.write("\n");
      this.#isClosed = true;
      this.#running?.abort();
      resolve();
    });
    this.#lines.prompt();
    return promise;
  }

  async #work(): Promise<void> {
    if (this.#running !== null) return;
    for (let line; (line = this.#waiting.shift()) !== undefined;) {
      this.#running = new AbortController();
      await this.#runLine(line, this.#running.signal);
      this.#running = null;
      this.#terminal.takeBack();
      if (this.#isClosed) return;
    }
    this.#lines.prompt();
  }

  async #runLine(line: string, signal: AbortSignal): Promise<void> {
    this.#history.add(line);
    const words = shellWords(line);
    if (words === null) {
      note("diskd: a quote is not closed", this.#context);
    } else if (words.length === 1 && commandsCalled(words[0]!)[0] === "quit") {
      this.#isQuitting = true;
      this.#lines.close();
    } else if (words.length > 0) {
      const context = {
        ...this.#context,
        // While readline holds the terminal, no other program can read from it.
        mayAsk: this.#context.mayAsk && this.#terminal.isLent,
        interrupted: () => signal,
        ask: (question: string) => this.#ask(question, signal),
      };
      await context.commandLine.run(words, context);
    }
    await this.#context.stderr.flush();
    await this.#context.stdout.flush();
  }

  /** Whether the line runs programs that may ask at the terminal. */
  #isAsking(line: string): boolean {
    const words = shellWords(line) ?? [];
    const [command = ""] = sortArguments(words, this.#valueFlags).rest;
    return commandsCalled(command).some((name) =>
      COMMANDS[name].asksAtTerminal
    );
  }

  /** The next line is the answer, unless the command is interrupted first. */
  #ask(question: string, signal: AbortSignal): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    // Not readline's `question`: before Deno 2.9 it never answers with a
    // signal.
    this.#answer = (line) => {
      this.#answer = null;
      this.#lines.setPrompt(promptHere());
      resolve(line);
    };
    signal.addEventListener("abort", () => this.#answer?.(null));
    this.#lines.setPrompt(question);
    this.#lines.prompt();
    return promise;
  }

  /** Ctrl-C stops the running command, or empties the line if there is none. */
  #interrupt(): void {
    this.#context.stdout.write("\n");
    if (this.#running !== null) {
      this.#waiting.length = 0;
      this.#running.abort();
      return;
    }
    // Ctrl-E, Ctrl-U: readline's own way to empty the line.
    this.#lines.write(null, { ctrl: true, name: "e" });
    this.#lines.write(null, { ctrl: true, name: "u" });
    void this.#context.stdout.flush().then(() => this.#lines.prompt());
  }
}

/** The result of a completer for `node:readline`: whole words, and the text they replace. */
type Completion = readonly [words: string[], replaced: string];

/** Completions of the word at the end of `line`, quoted as they must be typed. */
export async function completePrompt(
  line: string,
  context: Context,
): Promise<Completion> {
  const { words, open } = splitShellLine(line);
  const asked = { words, partial: open.text };
  const found = await propose(asked, context);
  const typed = line.slice(open.start);
  if (found.kind === "files") return [[], typed];
  const quoted = found.proposals.map(({ text }) => quoteWord(text));
  const [only, ...others] = quoted;
  const done = only !== undefined && others.length === 0;
  return [done ? [`${only} `] : quoted, typed];
}

/** Lines kept from run to run. */
export const MAX_HISTORY_LINES = 1000;
/** A larger file, after many prompts at once, is cut when it is next read. */
const MAX_FILE_LINES = 2 * MAX_HISTORY_LINES;

/**
 * The lines typed at the prompt, in a file that only its owner may read. If it
 * cannot be written, or another user could exchange it, the history lasts until
 * the prompt ends.
 */
export class PromptHistory {
  readonly #path: string | null;

  /** @param path the file; `null`: none */
  constructor(path: string | null) {
    this.#path = path;
  }

  /** The last lines, newest first, as expected by `node:readline`. */
  read(): string[] {
    const lines =
      this.#withFile((path) =>
        Deno.readTextFileSync(path).split("\n").filter((line) => line !== "")
      ) ?? [];
    if (lines.length > MAX_FILE_LINES) {
      const kept = lines.slice(-MAX_HISTORY_LINES).join("\n");
      this.#withFile((path) =>
        writeWholeSync(path, `${kept}\n`, { synced: false })
      );
    }
    return lines.slice(-MAX_HISTORY_LINES).reverse();
  }

  /** Adds a line, unless it is empty. */
  add(line: string): void {
    const kept = line.trim();
    if (kept === "") return;
    this.#withFile((path) => {
      makeOwnDirectory(directoryOf(path), 0o700);
      const options = { append: true, mode: 0o600 };
      Deno.writeTextFileSync(path, `${kept}\n`, options);
    });
  }

  /** `null` without a file that can be used. */
  #withFile<Result>(use: (path: string) => Result): Result | null {
    if (this.#path === null) return null;
    try {
      checkOwnDirectory(directoryOf(this.#path));
      checkOwnFile(this.#path);
      return use(this.#path);
    } catch {
      return null;
    }
  }
}

/** The history file of a user, with one for root too; `null` without a place for it. */
export function promptHistoryPath({ env }: User): string | null {
  const stateDir = env["DISKD_STATE_DIR"] || ownStateDir({ env });
  return stateDir === null ? null : `${stateDir}/history`;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Input of readline. */
interface Keyboard {
  setRawMode(isRaw: boolean): unknown;
}

/**
 * The terminal of the prompt, lent to programs that ask for a password.
 *
 * It must be lent while readline handles a line, before it begins to read the
 * next: Deno 2.6 cannot cancel a read, so we would receive the password. While
 * it is lent, Ctrl-C is a signal again, to us and to the program.
 */
class SharedTerminal {
  readonly #lines: Interface;
  readonly #keyboard: Keyboard;
  #onInterrupt: (() => void) | null = null;

  constructor(lines: Interface, keyboard: Keyboard) {
    this.#lines = lines;
    this.#keyboard = keyboard;
  }

  get isLent(): boolean {
    return this.#onInterrupt !== null;
  }

  lend(onInterrupt: () => void): void {
    this.#lines.pause();
    this.#keyboard.setRawMode(false);
    Deno.addSignalListener("SIGINT", onInterrupt);
    this.#onInterrupt = onInterrupt;
  }

  /** Does nothing unless it is lent. */
  takeBack(): void {
    if (this.#onInterrupt === null) return;
    Deno.removeSignalListener("SIGINT", this.#onInterrupt);
    this.#onInterrupt = null;
    this.#keyboard.setRawMode(true);
    this.#lines.resume();
  }
}
