/** For a machine that is busy with other things too. */
const TIMEOUT_MS = 30_000;
const PAUSE_MS = 100;

export interface EventuallyOptions {
  /** Default 30 s. */
  readonly timeoutMs?: number;
  /** Between two tries. Default 100 ms. */
  readonly pauseMs?: number;
}

/**
 * Runs `look` again and again until it does not throw, and gives what it gives.
 * After `timeoutMs` it throws what `look` threw last.
 */
export async function eventually<Result>(
  look: () => Promise<Result> | Result,
  options: EventuallyOptions = {},
): Promise<Result> {
  const { timeoutMs = TIMEOUT_MS, pauseMs = PAUSE_MS } = options;
  const deadline = performance.now() + timeoutMs;
  while (true) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Waits, 30 s at most, until `holds` says so. */
export async function until(holds: () => boolean): Promise<void> {
  await eventually(() => {
    if (!holds()) throw new Error(`It did not come true: ${holds}`);
  }, { pauseMs: 10 });
}
