import type { CommandContext, InputCompletion } from "@stricli/core";
import type { Environment } from "../config/paths.ts";
import type { ControlClient } from "../control/client.ts";
import type { CommandName } from "../control/commands.ts";
import type { System } from "../system/system.ts";

/** Where a command writes its text. */
export interface TextSink {
  /** Never fails: what cannot be written shows at `flush`. */
  write(text: string): void;
  /** Settles when everything is written. */
  flush(): Promise<void>;
  /** Whether nobody reads any more, as in `diskd list | head -1`. */
  readonly isClosed: boolean;
  /** Characters that are not written yet. */
  readonly waitingChars: number;
}

/** The daemon, as commands see it. */
export type DaemonClient = Pick<ControlClient, "call" | "watch" | "close">;

/** Everything that a command has besides its options: a test gives it another. */
export interface Context {
  /** Data, and nothing else. */
  readonly stdout: TextSink;
  /** Everything else. */
  readonly stderr: TextSink;
  /** Whether standard output goes to a terminal. */
  readonly isTerminal: boolean;
  /** Whether somebody can type answers, too. */
  readonly isInteractive: boolean;
  /** Whether programs that a command runs may ask at the terminal, as ssh does for a password. */
  readonly mayAsk: boolean;
  /** The system, for the commands that run programs; it takes a while to load. */
  loadSystem(): Promise<System>;
  readonly env: Environment;
  readonly uid: number | null;
  /** Whether the command was typed at the prompt. */
  readonly inPrompt: boolean;
  /** Width of the terminal as it is now, `Infinity` without one. */
  columns(): number;
  /** Its height, likewise. */
  rows(): number;
  /** Calls `onResize` whenever the terminal's size changes, until the function that it returns is called. */
  resized(onResize: () => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Directory that paths are relative to, `null` where that may not be known. */
  cwd(): string | null;
  /** Text of a file; `null` if it is missing or must not be read. */
  readText(path: string): string | null;
  /** Opens a file to be read, `null` for standard input. Rejects when it may not. */
  openInput(path: string | null): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Connects to the first of `paths` where a daemon answers.
   * @throws {DaemonUnreachable}
   */
  connect(paths: readonly string[]): Promise<DaemonClient>;
  /** Asks whoever is at the terminal; `null` when they would rather not answer. Only where it `isInteractive`. */
  ask(question: string): Promise<string | null>;
  /** Aborts when the user wants the command to end: Ctrl-C, SIGTERM. */
  interrupted(): AbortSignal;
  /** All commands, for those that run or complete another. */
  readonly commandLine: CommandLine;
}

/** What commands that run programs have besides. */
export interface MountContext extends Context {
  readonly system: System;
}

/** A run of such a command: its options, and where it runs. */
export interface MountCall<Given> {
  readonly options: Given;
  readonly context: MountContext;
}

/** The words that may be typed after `diskd`. */
export interface CommandLine {
  /** Runs the command that `words` are, and returns its exit code. Reports every failure on standard error. */
  run(words: readonly string[], context: Context): Promise<number>;
  /** What could be typed in place of the last of `words`. */
  complete(
    words: readonly string[],
    options: CompleteOptions,
  ): Promise<readonly InputCompletion[]>;
  /** The flags that a value follows, as they are typed, of these commands. */
  valueFlags(names: readonly CommandName[]): Promise<readonly string[]>;
}

export interface CompleteOptions {
  readonly context: Context;
  /** Path of the socket to ask for names. Default: as a command finds it. */
  readonly socket?: string | undefined;
}

/** What every command takes. */
export interface CommonOptions {
  readonly json: boolean;
  readonly noColor: boolean;
  readonly socket?: string;
}

/** What stricli hands through to a command, and gets back. */
export interface Invocation extends CommandContext {
  readonly process: {
    readonly stdout: { write(text: string): void };
    readonly stderr: { write(text: string): void };
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Set by stricli, below 0 for what it refused itself. */
    exitCode?: number | string | null;
  };
  readonly context: Context;
  /** `--socket`, where words before the one to complete have it. */
  readonly socket?: string | undefined;
  /** What the command came to; stricli itself knows no exit codes. */
  outcome: Outcome | null;
}

type Outcome =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "thrown"; readonly error: unknown };
