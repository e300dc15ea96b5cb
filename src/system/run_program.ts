import { collect, type Collecting } from "./collect.ts";
import type { RunOptions, RunOutcome } from "./system.ts";

/** A program that outlives its time is sent TERM, and KILL this much later. */
export const KILL_AFTER_MS = 2_000;

/** Standard output that is read where the caller names no limit. */
export const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Standard error that is kept: the first words of a program say what is wrong. */
export const MAX_STDERR_BYTES = 4096;

/** Where programs are, for users and services whose `PATH` lacks sbin. */
export const PROGRAM_PLACES = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

type Started =
  | { readonly kind: "started"; readonly child: Deno.ChildProcess }
  | Extract<RunOutcome, { kind: "missing" | "denied" }>;

/**
 * Runs a program to its end; see `System.run`. A name without a slash is
 * looked for in `PATH`, then in `PROGRAM_PLACES`.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunOutcome> {
  const started = start(program, args);
  return started.kind === "started"
    ? await supervise(started.child, options)
    : started;
}

/** Where it starts nowhere, the place that it is in and may not be run from tells more than those that it is missing from. */
function start(program: string, args: readonly string[]): Started {
  let result = spawn(program, args);
  if (program.includes("/")) return result;
  for (const place of PROGRAM_PLACES) {
    if (result.kind === "started") return result;
    const next = spawn(`${place}/${program}`, args);
    if (result.kind === "missing" || next.kind === "started") result = next;
  }
  return result;
}

function spawn(command: string, args: readonly string[]): Started {
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      // A named run permission does not cover LD_* variables, so an inherited
      // one would stop every run. Nothing else is of use to these programs.
      clearEnv: true,
      env: { LC_ALL: "C" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
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
  const deadline = startDeadline(timeoutMs);
  const outcome = await Promise.race([
    finish(child, stdout, stderr),
    deadline.passed,
  ]);
  deadline.cancel();
  if (outcome !== "timeout") return outcome;
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
    kill(child, "SIGKILL");
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

function startDeadline(
  timeoutMs: number,
): { passed: Promise<"timeout">; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<"timeout">();
  const timer = setTimeout(() => resolve("timeout"), timeoutMs);
  return { passed: promise, cancel: () => clearTimeout(timer) };
}

/** Settles when the process is gone, whichever signal it took. */
async function terminate(child: Deno.ChildProcess): Promise<void> {
  kill(child, "SIGTERM");
  const last = setTimeout(() => kill(child, "SIGKILL"), KILL_AFTER_MS);
  await child.status;
  clearTimeout(last);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself meanwhile.
  }
}
