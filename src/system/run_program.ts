import { collect, type Collecting } from "./collect.ts";
import { killProgram, startProgram, terminate } from "./start_program.ts";
import type { RunOptions, RunOutcome } from "./system.ts";

/** Standard output that is read where the caller names no limit. */
export const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

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

function startDeadline(
  timeoutMs: number,
): { passed: Promise<"timeout">; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<"timeout">();
  const timer = setTimeout(() => resolve("timeout"), timeoutMs);
  return { passed: promise, cancel: () => clearTimeout(timer) };
}
