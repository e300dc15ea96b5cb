import type { RunOptions, RunOutcome } from "./system.ts";
import { TOO_LATE, within } from "./within.ts";

/** Default limit of standard output. */
const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Limit of kept standard error: its beginning usually explains the failure. */
export const MAX_STDERR_BYTES = 4096;

/** Texts of programs are compared, so they must be in English. */
const C_LOCALE = { LC_ALL: "C" };

/** Runs a program to its end; see `System.run`. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunOutcome> {
  const started = startProgram(program, args, {
    env: { ...C_LOCALE, ...options.env },
  });
  return started.kind === "started"
    ? await supervise(started.child, options)
    : started;
}

async function supervise(
  child: Deno.ChildProcess,
  {
    timeoutMs,
    maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES,
    maxErrorBytes = MAX_STDERR_BYTES,
  }: RunOptions,
): Promise<RunOutcome> {
  const stdout = collect(child.stdout, {
    limitBytes: maxOutputBytes,
    beyond: "stop",
  });
  const stderr = collect(child.stderr, {
    limitBytes: maxErrorBytes,
    beyond: "drop",
  });
  const outcome = await within(timeoutMs, finish(child, stdout, stderr));
  if (outcome !== TOO_LATE) return outcome;
  stdout.cancel();
  stderr.cancel();
  return { kind: "timeout", exited: terminate(child) };
}

async function finish(
  child: Deno.ChildProcess,
  stdout: Collecting,
  stderr: Collecting,
): Promise<RunOutcome> {
  const output = await stdout.collected;
  if (output.overflow) {
    killProgram(child, "SIGKILL");
    stderr.cancel();
    await child.status;
    return { kind: "overflow", limitBytes: output.bytes.length };
  }
  const [status, errors] = await Promise.all([child.status, stderr.collected]);
  return {
    kind: "exited",
    code: status.code,
    stdout: output.bytes,
    stderr: new TextDecoder().decode(errors.bytes),
  };
}

/** Places of programs, for users and services whose `PATH` lacks sbin. */
export const PROGRAM_PLACES = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** Time between SIGTERM and SIGKILL. */
export const KILL_AFTER_MS = 2_000;

interface StartOptions {
  /**
   * Its working directory; `null`: ours. Default: `/`, since ours may be
   * removed or unmounted while we run.
   */
  readonly cwd?: string | null;
  /** The whole environment; `undefined` is left out. Default: the C locale. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: `null`. */
  readonly stdin?: "null" | "inherit" | "piped";
  /** Default: `piped`. */
  readonly stdout?: "piped" | "inherit";
  /** Default: `piped`. */
  readonly stderr?: "piped" | "inherit";
}

/** A running program, or why it did not start. */
type Started =
  | { readonly kind: "started"; readonly child: Deno.ChildProcess }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/**
 * Starts a program without a shell. A name without a slash is searched in
 * `PATH`, then in `PROGRAM_PLACES`. Never throws.
 */
export function startProgram(
  program: string,
  args: readonly string[],
  options: StartOptions = {},
): Started {
  let result = spawn(program, args, options);
  if (program.includes("/")) return result;
  for (const place of PROGRAM_PLACES) {
    if (result.kind === "started") return result;
    const next = spawn(`${place}/${program}`, args, options);
    // A refusal at one place tells more than its absence at others.
    if (result.kind === "missing" || next.kind === "started") result = next;
  }
  return result;
}

function spawn(
  command: string,
  args: readonly string[],
  {
    cwd = "/",
    env = C_LOCALE,
    stdin = "null",
    stdout = "piped",
    stderr = "piped",
  }: StartOptions,
): Started {
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      ...(cwd !== null && { cwd }),
      // A named run permission does not cover LD_* variables, so an inherited
      // one would prevent every run. Programs receive all other variables
      // explicitly.
      clearEnv: true,
      env: withoutUndefined(env),
      stdin,
      stdout,
      stderr,
    }).spawn();
    return { kind: "started", child };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (cwd === null && reason.includes("resolving cwd")) {
      // Our directory was removed: nothing can be named relative to it any more.
      return spawn(command, args, { env, stdin, stdout, stderr });
    }
    return error instanceof Deno.errors.NotFound
      ? { kind: "missing" }
      : { kind: "denied", reason };
  }
}

function withoutUndefined(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const set = Object.entries(env)
    .filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(set);
}

/** Settles when the process is gone, by whichever signal. */
export async function terminate(child: Deno.ChildProcess): Promise<void> {
  killProgram(child, "SIGTERM");
  const last = setTimeout(() => killProgram(child, "SIGKILL"), KILL_AFTER_MS);
  await child.status;
  clearTimeout(last);
}

/** Sends a signal to a program that may have ended. */
export function killProgram(
  child: Deno.ChildProcess,
  signal: Deno.Signal,
): void {
  try {
    child.kill(signal);
  } catch {
    // It ended in the meantime.
  }
}

/** Contents of a stream. */
interface Collected {
  readonly bytes: Uint8Array;
  /** Whether there was more than `limitBytes`; `bytes` holds the beginning. */
  readonly overflow: boolean;
}

/** A stream being read. */
export interface Collecting {
  /** Settles at the end of the stream, at the limit, or when cancelled. Never rejects. */
  readonly collected: Promise<Collected>;
  /** Stops reading, and frees the stream. */
  cancel(): void;
}

/** How to read a stream. */
interface CollectOptions {
  /** Bytes kept. */
  readonly limitBytes: number;
  /** At the limit: `stop` reading, or `drop` the rest so that the writer does not block. */
  readonly beyond: "stop" | "drop";
}

/** Reads a stream into memory, up to a limit. */
export function collect(
  stream: ReadableStream<Uint8Array>,
  options: CollectOptions,
): Collecting {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  return { collected: readAll(reader, options).finally(cancel), cancel };
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { limitBytes, beyond }: CollectOptions,
): Promise<Collected> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let overflow = false;
  for (;;) {
    const chunk = await nextChunk(reader);
    if (chunk === null) break;
    const kept = chunk.subarray(0, limitBytes - size);
    if (kept.length > 0) chunks.push(kept);
    size += kept.length;
    overflow ||= kept.length < chunk.length;
    if (overflow && beyond === "stop") break;
  }
  return { bytes: join(chunks, size), overflow };
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** The next piece of a stream; `null` at its end or at an error: earlier pieces still count. */
export async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | null> {
  try {
    const { done, value } = await reader.read();
    return done ? null : value;
  } catch {
    return null;
  }
}
