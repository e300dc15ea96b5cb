import type { CommandContext, InputCompletion } from "@stricli/core";
import type { Environment } from "../config/paths.ts";
import type { ConnectOptions, ControlClient } from "../control/client.ts";
import type { CommandName } from "../control/commands.ts";
import type { Zone } from "../render/format.ts";
import type { System } from "../system/system.ts";

/** Output of a command. */
export interface TextSink {
  /** Never fails: `flush` reports errors. */
  write(text: string): void;
  /** Settles when everything is written. */
  flush(): Promise<void>;
  /** Whether the reader is gone, as in `diskd list | head -1`. */
  readonly isClosed: boolean;
  /** Characters not written yet. */
  readonly waitingChars: number;
}

/** The daemon as used by commands. */
export type DaemonClient = Pick<ControlClient, "call" | "watch" | "close">;

/** The environment of a command, replaceable by a test. */
export interface Context {
  /** Only data. */
  readonly stdout: TextSink;
  /** Everything else. */
  readonly stderr: TextSink;
  /** Whether standard output goes to a terminal. */
  readonly isTerminal: boolean;
  /** Whether a user can also type answers. */
  readonly isInteractive: boolean;
  /** Whether programs run by a command may ask at the terminal, as ssh does for a password. */
  readonly mayAsk: boolean;
  /** The system, for commands that run programs; slow to load. */
  loadSystem(): Promise<System>;
  readonly env: Environment;
  readonly uid: number | null;
  /** Whether the command was typed at the prompt. */
  readonly inPrompt: boolean;
  /** Present width of the terminal; `Infinity` without one. */
  columns(): number;
  /** Its height, likewise. */
  rows(): number;
  /**
   * Calls `onResize` at each change of the terminal's size until the returned
   * function is called.
   */
  resized(onResize: () => void): () => void;
  /**
   * Calls `onKey` for each key typed, which the terminal does not show, until the
   * returned function is called. Only if it `isInteractive`, and not at the prompt,
   * which reads the keys itself.
   */
  onKeys(onKey: (key: string) => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Of the process: `TZ` or `/etc/localtime`. */
  readonly zone: Zone;
  /** Directory of relative paths; `null` without permission to know. */
  cwd(): string | null;
  /** Text of a file; `null` if it is missing or must not be read. */
  readText(path: string): string | null;
  /** Opens a file, or standard input for `null`. Rejects without permission. */
  openInput(path: string | null): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Connects to the first of `paths` with a running daemon. Where another user
   * could answer, `onDoubt` gets the reason first, and may throw.
   * @throws {DaemonUnreachable}
   */
  connect(
    paths: readonly string[],
    onDoubt?: ConnectOptions["onDoubt"],
  ): Promise<DaemonClient>;
  /** Asks the user at the terminal; `null` without an answer. Only if it `isInteractive`. */
  ask(question: string): Promise<string | null>;
  /** Aborts when the user interrupts the command: Ctrl-C, SIGTERM. */
  interrupted(): AbortSignal;
  /**
   * The same, also when the terminal is closed, and until it is disposed of any
   * number of times: for what must not be left half done.
   */
  catchSignals(): CaughtSignals;
  /** All commands, for those that run or complete others. */
  readonly commandLine: CommandLine;
}

export interface CaughtSignals extends Disposable {
  /** Aborts at the first. */
  readonly signal: AbortSignal;
}

/** The environment of commands that run programs. */
export interface MountContext extends Context {
  readonly system: System;
}

/** A call of such a command: its options and environment. */
export interface MountCall<Given> {
  readonly options: Given;
  readonly context: MountContext;
}

/** Words after `diskd`. */
export interface CommandLine {
  /** Runs a command, and returns its exit code. Reports every failure on standard error. */
  run(words: readonly string[], context: Context): Promise<number>;
  /** Candidates for the last of `words`. */
  complete(
    words: readonly string[],
    options: CompleteOptions,
  ): Promise<readonly InputCompletion[]>;
  /** The flags of these commands with a value, as typed. */
  valueFlags(names: readonly CommandName[]): Promise<readonly string[]>;
}

export interface CompleteOptions {
  readonly context: Context;
  /** Path of the socket to ask for names. Default: as for a command. */
  readonly socket?: string | undefined;
  /** Words of the command before the last. Default: none. */
  readonly before?: readonly string[];
}

/** Options of every command. */
export interface CommonOptions {
  readonly json: boolean;
  readonly color?: "auto" | "always" | "never";
  readonly noColor: boolean;
  readonly socket?: string;
}

/** Passed through stricli to a command and back. */
export interface Invocation extends CommandContext {
  readonly process: {
    readonly stdout: { write(text: string): void };
    readonly stderr: { write(text: string): void };
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Set by stricli; below 0 if stricli refused the command line. */
    exitCode?: number | string | null;
  };
  readonly context: Context;
  /** `--socket` before the word to complete. */
  readonly socket?: string | undefined;
  /** Words of the command before the word to complete. */
  readonly before: readonly string[];
  /** Result of the command; stricli itself knows no exit codes. */
  outcome: Outcome | null;
}

type Outcome =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "thrown"; readonly error: unknown };
