import { startProgram, terminate } from "./start_program.ts";
import type { HandedOverOutcome } from "./system.ts";

/** Runs a program on our own streams; see `System.handOver`. It is found as `runProgram` finds it. */
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
