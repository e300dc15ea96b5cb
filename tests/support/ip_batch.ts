import { SYSTEM_PATH } from "./holder.ts";
import { runOrThrow } from "./process.ts";

/** Runs ip(8) commands, one a line, in the network namespace of process `pid`. */
export async function ipBatch(
  pid: number,
  commands: readonly string[],
): Promise<void> {
  if (commands.length === 0) return;
  const input = commands.join("\n") + "\n";
  // Only the network namespace: `netns PID` counts process ids as we do.
  const argv = ["nsenter", `--net=/proc/${pid}/ns/net`, "ip", "-batch", "-"];
  try {
    await runOrThrow(argv, { env: { PATH: SYSTEM_PATH }, input });
  } catch (error) {
    throw new Error(`Cannot run these ip commands:\n${input}`, {
      cause: error,
    });
  }
}
