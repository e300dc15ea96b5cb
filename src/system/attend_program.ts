import {
  collect,
  killProgram,
  startProgram,
  terminate,
} from "./run_program.ts";
import type {
  AttendOptions,
  AttendOutcome,
  HandedOverOutcome,
} from "./system.ts";

/** Within this time, a signal that ended the program has reached this process too. */
const INTERRUPTION_MS = 100;

/** Runs a program for an attending user; see `System.attend`. It is found as by `runProgram`. */
export async function attendProgram(
  program: string,
  args: readonly string[],
  { env, maxOutputBytes, signal }: AttendOptions,
): Promise<AttendOutcome> {
  const started = startProgram(program, args, {
    // ssh options typed by the user may name files relative to his directory.
    cwd: null,
    env,
    stderr: "inherit",
  });
  if (started.kind !== "started") return started;
  const { child } = started;
  const stop = () => void terminate(child);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    const outcome = await finish(child, maxOutputBytes);
    if (signal && isFailure(outcome)) await abortedSoon(signal);
    return outcome;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function isFailure(outcome: AttendOutcome): boolean {
  return outcome.kind !== "exited" || outcome.code !== 0;
}

/** Ctrl-C goes to the program and to this process; either may react first. */
export async function abortedSoon(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => resolve();
  const timer = setTimeout(done, INTERRUPTION_MS);
  signal.addEventListener("abort", done, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", done);
}

async function finish(
  child: Deno.ChildProcess,
  limitBytes: number,
): Promise<AttendOutcome> {
  const { collected } = collect(child.stdout, { limitBytes, beyond: "stop" });
  const { bytes, overflow } = await collected;
  if (overflow) {
    killProgram(child, "SIGKILL");
    await child.status;
    return { kind: "overflow", limitBytes };
  }
  const { code } = await child.status;
  return { kind: "exited", code, stdout: bytes };
}

/**
 * Runs a program on this process's streams; see `System.handOver`. It is found
 * as by `runProgram`.
 */
export async function handOver(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<HandedOverOutcome> {
  const started = startProgram(program, args, {
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  if (started.kind !== "started") return started;
  const { child } = started;
  const stop = () => void terminate(child);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const { code } = await child.status;
  signal.removeEventListener("abort", stop);
  return { kind: "exited", code };
}
