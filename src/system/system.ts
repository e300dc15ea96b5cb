import type { Folders } from "./folders.ts";

/** How one run of a program ended. */
export type RunOutcome =
  | {
    readonly kind: "exited";
    readonly code: number;
    readonly stdout: Uint8Array;
    readonly stderr: string;
  }
  /** It outlived its time and was sent TERM, then KILL. */
  | {
    readonly kind: "timeout";
    /** Settles when the process is really gone: never, while it is in D state. */
    readonly exited: Promise<void>;
  }
  /** It wrote more than it may, and was killed. */
  | { readonly kind: "overflow"; readonly limitBytes: number }
  /** There is no such program on this machine. */
  | { readonly kind: "missing" }
  /** It may not be started. */
  | { readonly kind: "denied"; readonly reason: string };

export interface RunOptions {
  /** After this long TERM, and `KILL_AFTER_MS` later KILL. */
  readonly timeoutMs: number;
  /** Bytes of standard output read before the program is killed. Default 16 MiB. */
  readonly maxOutputBytes?: number;
}

export interface AttendOptions {
  /** All that the program gets of it; `undefined` is left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes of standard output read before the program is killed. */
  readonly maxOutputBytes: number;
  /** Sends the program TERM, then KILL. What is at the terminal has had its Ctrl-C by itself. */
  readonly signal?: AbortSignal;
}

/** How a program ended that somebody attended. */
export type AttendOutcome =
  | {
    readonly kind: "exited";
    readonly code: number;
    readonly stdout: Uint8Array;
  }
  | Extract<RunOutcome, { kind: "overflow" | "missing" | "denied" }>;

/** How a program ended that had our streams. */
export type HandedOverOutcome =
  | { readonly kind: "exited"; readonly code: number }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/** A file that is there until it is removed, or the machine restarts. */
export interface PrivateFile {
  readonly path: string;
  remove(): void;
}

/** How a program that is followed came to its end. */
export type FollowEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stderr: string }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/** A program that goes on. */
export interface Following {
  /** Settles when it has ended and what it printed is read, or at once when it could not be started. Never rejects. */
  readonly ended: Promise<FollowEnd>;
  /** From the call on no line is passed on. TERM, then KILL; settles when it is gone. Never rejects. */
  stop(): Promise<void>;
}

/** An IPv4 address of this host and the interface that has it. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  /** Bits of the network part, 24 for a /24. */
  readonly prefixLength: number;
}

/** The operating system, as far as diskd needs it and a test replaces it. */
export interface System {
  /** Runs a program to its end, in the C locale, without a shell and without standard input. Never throws. */
  run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<RunOutcome>;
  /**
   * Runs a program to its end, however long that takes, for somebody who looks
   * on: its standard error is ours, and it may ask on the terminal. Its standard
   * input is empty. Never throws.
   */
  attend(
    program: string,
    args: readonly string[],
    options: AttendOptions,
  ): Promise<AttendOutcome>;
  /**
   * Runs a program to its end, however long that takes, on our own standard
   * input, output and error, of which we touch none meanwhile. `signal` sends
   * it TERM, then KILL. Never throws.
   */
  handOver(
    program: string,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<HandedOverOutcome>;
  /**
   * Starts a program that goes on, as `run` does, and passes on each line of
   * its standard output as it comes, without the newline. `onLine` must not
   * throw. The program does not outlive this process, but where that is killed:
   * then until it prints something.
   */
  follow(
    program: string,
    args: readonly string[],
    onLine: (line: string) => void,
  ): Following;
  readonly folders: Folders;
  /**
   * Makes a small file in a folder, readable for us alone, for another program.
   * @throws {Error} where that is not possible
   */
  privateFile(text: string, folder: string): PrivateFile;
  /** Whether there is such a file, of any kind. False where that may not be known. */
  exists(path: string): boolean;
  /** Text of a small file, `null` where there is none or it may not be read. */
  readText(path: string): string | null;
  /** Milliseconds on a clock that never jumps, starting anywhere. */
  now(): number;
  /** Milliseconds since 1970, as `Date.now`. */
  wallClock(): number;
  /** From 0 to below 1, as `Math.random`. */
  random(): number;
  hostname(): string;
  /** IPv4 addresses of all interfaces, loopback too, and those that are down: Deno does not tell them apart. */
  interfaces(): InterfaceAddress[];
}
