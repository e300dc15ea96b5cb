import type { Folders } from "./folders.ts";

/** Result of a program run. */
export type RunOutcome =
  | {
    readonly kind: "exited";
    readonly code: number;
    readonly stdout: Uint8Array;
    readonly stderr: string;
  }
  /** It exceeded its time and was sent TERM, then KILL. */
  | {
    readonly kind: "timeout";
    /** Settles when the process is really gone: not while it is in D state. */
    readonly exited: Promise<void>;
  }
  /** It wrote too much and was killed. */
  | { readonly kind: "overflow"; readonly limitBytes: number }
  /** The program does not exist on this machine. */
  | { readonly kind: "missing" }
  /** It must not be started. */
  | { readonly kind: "denied"; readonly reason: string };

export interface RunOptions {
  /** After this time TERM, and `KILL_AFTER_MS` later KILL. */
  readonly timeoutMs: number;
  /** Bytes of standard output read before the program is killed. Default 16 MiB. */
  readonly maxOutputBytes?: number;
  /** Bytes of standard error kept, its beginning. Default 4 KiB. */
  readonly maxErrorBytes?: number;
  /** Variables besides the C locale. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface AttendOptions {
  /** Its whole environment; `undefined` is left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes of standard output read before the program is killed. */
  readonly maxOutputBytes: number;
  /** Sends TERM, then KILL. At a terminal the program receives Ctrl-C directly. */
  readonly signal?: AbortSignal;
}

export interface HoldOptions {
  /** As of `AttendOptions`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives each line of standard output without the newline. Must not throw. */
  readonly onLine: (line: string) => void;
  /** Time between the empty lines that it gets on its standard input. */
  readonly beatMs: number;
  /** Closes its standard input; `KILL_AFTER_MS` later TERM, then KILL. */
  readonly signal: AbortSignal;
}

/** Result of a program with an attending user. */
export type AttendOutcome =
  | {
    readonly kind: "exited";
    readonly code: number;
    readonly stdout: Uint8Array;
  }
  | Extract<RunOutcome, { kind: "overflow" | "missing" | "denied" }>;

/** Result of a program on this process's streams. */
export type HandedOverOutcome =
  | { readonly kind: "exited"; readonly code: number }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/** A file that exists until it is removed, or the machine restarts. */
export interface PrivateFile {
  readonly path: string;
  remove(): void;
}

/** How a long-running program ended. */
export type FollowEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stderr: string }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/** A long-running program. */
export interface Following {
  /**
   * Settles when it has ended and its output is read, or at once if it could
   * not start. Never rejects.
   */
  readonly ended: Promise<FollowEnd>;
  /** Delivers no more lines. Sends TERM, then KILL; settles when it is gone. Never rejects. */
  stop(): Promise<void>;
}

/** An address of this host and its interface. */
export interface InterfaceAddress {
  readonly name: string;
  /** An IPv4 address, or a link-local IPv6 address with its interface: `fe80::1%eth0`. */
  readonly address: string;
  /** Bits of the network part, 24 for a /24. */
  readonly prefixLength: number;
  /** Index of the interface. Only with an IPv6 address. */
  readonly scopeId?: number;
}

/** The operating system as used by diskd and replaced by tests. */
export interface System {
  /** Runs a program to its end, in the C locale, without a shell and without standard input. Never throws. */
  run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<RunOutcome>;
  /**
   * Runs a program to its end, without a time limit, for an attending user: it
   * shares standard error, and may ask on the terminal. Its standard input is
   * empty. Never throws.
   */
  attend(
    program: string,
    args: readonly string[],
    options: AttendOptions,
  ): Promise<AttendOutcome>;
  /**
   * Runs a program to its end, without a time limit, on this process's standard
   * input, output and error, unused meanwhile. `signal` sends it TERM, then
   * KILL. Never throws.
   */
  handOver(
    program: string,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<HandedOverOutcome>;
  /**
   * Runs a program for an attending user, as `attend` does, that ends when its
   * standard input does: that stays open until `signal` aborts or this process
   * is gone. Never throws.
   */
  hold(
    program: string,
    args: readonly string[],
    options: HoldOptions,
  ): Promise<HandedOverOutcome>;
  /**
   * Starts a long-running program as `run` does, and delivers each line of its
   * standard output without the newline. `onLine` must not throw. The program
   * ends with this process; if this process is killed, at its next output.
   */
  follow(
    program: string,
    args: readonly string[],
    onLine: (line: string) => void,
  ): Following;
  readonly folders: Folders;
  /**
   * Creates a small file for another program, readable only by this user.
   * @throws {Error} if that is not possible
   */
  privateFile(text: string, folder: string): PrivateFile;
  /** Whether a file of any kind exists. False without permission to know. */
  exists(path: string): boolean;
  /** Text of a small file; `null` if it is missing or must not be read. */
  readText(path: string): string | null;
  /** Milliseconds on a monotonic clock with an arbitrary start. */
  now(): number;
  /** Milliseconds since 1970, as `Date.now`. */
  wallClock(): number;
  /** Milliseconds since the machine started, also asleep, in whole seconds. */
  uptime(): number;
  /** From 0 to below 1, as `Math.random`. */
  random(): number;
  hostname(): string;
  /**
   * The addresses of a host name, as programs find them: getaddrinfo(3). Empty
   * if there are none, or none within `timeoutMs`. Never rejects.
   */
  lookUp(name: string, timeoutMs: number): Promise<readonly string[]>;
  /**
   * Whether somebody accepts TCP connections there within `timeoutMs`. Never
   * rejects.
   */
  accepts(
    place: { readonly address: string; readonly port: number },
    timeoutMs: number,
  ): Promise<boolean>;
  /**
   * IPv4 addresses of all interfaces, including loopback and those that are
   * down, because Deno does not tell; then all link-local IPv6 addresses. IPv6
   * multicast needs no other, and only these come with the index of their
   * interface.
   */
  interfaces(): InterfaceAddress[];
}
