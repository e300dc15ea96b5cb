import type { RunOutcome } from "./system.ts";

/** Where programs are, for users and services whose `PATH` lacks sbin. */
export const PROGRAM_PLACES = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** A program that is to end is sent TERM, and KILL this much later. */
export const KILL_AFTER_MS = 2_000;

export interface StartOptions {
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
export type Started =
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
