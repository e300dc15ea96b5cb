import assert from "node:assert/strict";

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

/** Far more than anything of this size takes, and far less than what grows with the square of it. */
const MAX_MS = 2_000;

/** Does something that must not take long, whatever it was given, and gives what it gives. */
export function inTime<Result>(act: () => Result, maxMs = MAX_MS): Result {
  const startedAt = performance.now();
  const result = act();
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < maxMs, `it took ${tookMs} ms, expected under ${maxMs}`);
  return result;
}
