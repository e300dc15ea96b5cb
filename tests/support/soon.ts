/**
 * Runs with timers that fire at once if they were to fire after one of `ms`;
 * others are as they are. `asked` has the time of each that was started.
 */
export async function withTimersSoon(
  ms: readonly number[],
  act: (asked: readonly number[]) => Promise<void>,
): Promise<void> {
  const { setTimeout, setInterval } = globalThis;
  const asked: number[] = [];
  const shortened = (start: typeof setTimeout) =>
    ((run: () => void, after = 0) => {
      asked.push(after);
      return start(run, ms.includes(after) ? 1 : after);
    }) as typeof setTimeout;
  Object.assign(globalThis, {
    setTimeout: shortened(setTimeout),
    setInterval: shortened(setInterval as typeof setTimeout),
  });
  try {
    await act(asked);
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
  }
}
