import { runCommandLine } from "./app.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { processContext } from "./process_context.ts";
import { reportFailure } from "./report_failure.ts";
import { within } from "../system/within.ts";

/** Who does not read standard error keeps nobody from ending for longer than this. */
const LAST_WORDS_MS = 500;

/** Runs the program with its arguments and returns its exit code. All output is written by then. */
export async function main(args: readonly string[]): Promise<number> {
  const context = processContext();
  const code = await runReporting(args, context);
  const written = await flush(context);
  return written ? code : EXIT.output;
}

/** What even `runCommandLine` did not expect is said in one line, not in Deno's way. */
async function runReporting(
  args: readonly string[],
  context: Context,
): Promise<number> {
  try {
    return await runCommandLine(args, context);
  } catch (error) {
    return reportFailure(error, context);
  }
}

/** Whether all could be written. There is nobody to tell when standard error is the one that fails. */
async function flush(context: Context): Promise<boolean> {
  let written = true;
  try {
    await context.stdout.flush();
  } catch (error) {
    reportFailure(error, context);
    written = false;
  }
  await flushLastWords(context);
  return written;
}

async function flushLastWords({ stderr }: Context): Promise<void> {
  await within(LAST_WORDS_MS, stderr.flush().catch(() => {}));
}
