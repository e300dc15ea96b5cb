import type { RunOptions, RunOutcome } from "./system.ts";
import { TOO_LATE, within } from "./within.ts";

/** Standard output that is read where the caller names no limit. */
const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Standard error that is kept: the first words of a program say what is wrong. */
export const MAX_STDERR_BYTES = 4096;

/** Runs a program to its end; see `System.run`. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunOutcome> {
  const started = startProgram(program, args);
  return started.kind === "started"
    ? await supervise(started.child, options)
    : started;
}

async function supervise(
  child: Deno.ChildProcess,
  { timeoutMs, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES }: RunOptions,
): Promise<RunOutcome> {
  const stdout = collect(child.stdout, {
    limitBytes: maxOutputBytes,
    beyond: "stop",
  });
  const stderr = collect(child.stderr, {
    limitBytes: MAX_STDERR_BYTES,
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

/** Where programs are, for users and services whose `PATH` lacks sbin. */
export const PROGRAM_PLACES = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** A program that is to end is sent TERM, and KILL this much later. */
export const KILL_AFTER_MS = 2_000;

interface StartOptions {
  /** The whole environment. Default: the C locale. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: `null`. */
  readonly stdin?: "null" | "inherit";
  /** Default: `piped`. */
  readonly stdout?: "piped" | "inherit";
  /** Default: `piped`. */
  readonly stderr?: "piped" | "inherit";
}

/** A program that runs, or why it does not. */
type Started =
  | { readonly kind: "started"; readonly child: Deno.ChildProcess }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/**
 * Starts a program without a shell. A name without a slash is looked for in `PATH`, then in
 * `PROGRAM_PLACES`. Never throws.
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
    // A place that it is in and may not be run from tells more than those that it is missing from.
    if (result.kind === "missing" || next.kind === "started") result = next;
  }
  return result;
}

function spawn(
  command: string,
  args: readonly string[],
  {
    env = { LC_ALL: "C" },
    stdin = "null",
    stdout = "piped",
    stderr = "piped",
  }: StartOptions,
): Started {
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      // A named run permission does not cover LD_* variables, so an inherited
      // one would stop every run. What else a program needs it is given.
      clearEnv: true,
      env: { ...env },
      stdin,
      stdout,
      stderr,
    }).spawn();
    return { kind: "started", child };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return {
      kind: "denied",
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Settles when the process is gone, whichever signal it took. */
export async function terminate(child: Deno.ChildProcess): Promise<void> {
  killProgram(child, "SIGTERM");
  const last = setTimeout(() => killProgram(child, "SIGKILL"), KILL_AFTER_MS);
  await child.status;
  clearTimeout(last);
}

/** Sends a signal, to a program that may have ended. */
export function killProgram(
  child: Deno.ChildProcess,
  signal: Deno.Signal,
): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** What was read of a stream. */
interface Collected {
  readonly bytes: Uint8Array;
  /** There was more than `limitBytes`; `bytes` holds what came before. */
  readonly overflow: boolean;
}

/** A stream that is being read. */
export interface Collecting {
  /** Settles at the end of the stream, at the limit, or when cancelled. Never rejects. */
  readonly collected: Promise<Collected>;
  /** Reads no more, and frees the stream. */
  cancel(): void;
}

/** How to read a stream. */
interface CollectOptions {
  /** Bytes kept. */
  readonly limitBytes: number;
  /** At the limit: `stop` reading, or `drop` what follows, so that the writer is not held up. */
  readonly beyond: "stop" | "drop";
}

/** Reads a stream into memory, but never more than a limit of it. */
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

/** The next piece of a stream; `null` at its end, and where it broke: what came before still counts. */
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
