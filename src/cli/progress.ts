import type { Context } from "./context.ts";
import { note } from "./show.ts";

/** What takes longer is announced. */
const PATIENCE_MS = 1_000;

/**
 * Says what is being done, on standard error, once that takes a while. Where
 * ssh may ask at the same terminal it is said at once: later it would stand in
 * the middle of a question.
 */
export async function withProgress<Result>(
  text: string,
  { context, work }: {
    readonly context: Context;
    readonly work: () => Promise<Result>;
  },
): Promise<Result> {
  if (context.mayAsk) {
    note(text, context);
    await context.stderr.flush();
    return await work();
  }
  const timer = setTimeout(() => note(text, context), PATIENCE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
