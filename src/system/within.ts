/** Result of `within` after its time limit. */
export const TOO_LATE = Symbol("too late");

/** Waits for a promise for at most `ms` milliseconds. A later result or rejection is dropped. */
export async function within<Value>(
  ms: number,
  promise: Promise<Value>,
): Promise<Value | typeof TOO_LATE> {
  const late = Promise.withResolvers<typeof TOO_LATE>();
  const timer = setTimeout(() => late.resolve(TOO_LATE), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
