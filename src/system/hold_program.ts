import { abortedSoon } from "./attend_program.ts";
import { readLines } from "./lines.ts";
import { KILL_AFTER_MS, startProgram, terminate } from "./run_program.ts";
import type { HandedOverOutcome, HoldOptions } from "./system.ts";
import { TOO_LATE, within } from "./within.ts";

/** Longest line kept of standard output. */
const MAX_HELD_LINE_BYTES = 8_192;

/** Runs a program that ends with its standard input; see `System.hold`. It is found as by `runProgram`. */
export async function holdProgram(
  program: string,
  args: readonly string[],
  { env, onLine, beatMs, signal }: HoldOptions,
): Promise<HandedOverOutcome> {
  const started = startProgram(program, args, {
    cwd: null,
    env,
    stdin: "piped",
    stderr: "inherit",
  });
  if (started.kind !== "started") return started;
  const { child } = started;
  const input = child.stdin.getWriter();
  const beat = () => void input.write(NEWLINE).catch(() => {});
  beat();
  const beats = setInterval(beat, beatMs);
  const lines = readLines(child.stdout, {
    maxLineBytes: MAX_HELD_LINE_BYTES,
    onLine,
  });
  let last: Promise<void> | null = null;
  const release = () => {
    clearInterval(beats);
    void input.close().catch(() => {});
    last = endSoon(child);
  };
  signal.addEventListener("abort", release, { once: true });
  if (signal.aborted) release();
  const { code } = await child.status;
  if (code !== 0) await abortedSoon(signal);
  await lines.ended;
  signal.removeEventListener("abort", release);
  clearInterval(beats);
  await input.abort().catch(() => {});
  await last;
  return { kind: "exited", code };
}

const NEWLINE = new TextEncoder().encode("\n");

async function endSoon(child: Deno.ChildProcess): Promise<void> {
  const ended = await within(KILL_AFTER_MS, child.status);
  if (ended === TOO_LATE) await terminate(child);
}
