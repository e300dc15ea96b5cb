/** The nearest-rank percentile: the smallest sample that `percent` of all are not above. 0 is the minimum. */
export function percentile(
  samples: readonly number[],
  percent: number,
): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(percent / 100 * sorted.length));
  return sorted[rank - 1] ?? NaN;
}
