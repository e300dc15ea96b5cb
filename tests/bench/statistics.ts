/**
 * The middle of some numbers, or the mean of the two in the middle.
 * @throws {RangeError} when there are none.
 */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError("No samples have no median.");
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The nearest-rank percentile: the smallest sample that `percent` of all are not above. 0 is the minimum. */
export function percentile(
  samples: readonly number[],
  percent: number,
): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(percent / 100 * sorted.length));
  return sorted[rank - 1] ?? NaN;
}
