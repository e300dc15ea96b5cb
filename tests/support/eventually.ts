/** How long `eventually()` tries, unless told otherwise: for a machine that is busy with other things too. */
const TIMEOUT_MS = 30_000;
const PAUSE_MS = 100;

/**
 * Runs `look` again and again until it does not throw, and gives what it gives.
 * After `timeoutMs` it throws what `look` threw last.
 */
export async function eventually<Result>(
  look: () => Promise<Result> | Result,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
