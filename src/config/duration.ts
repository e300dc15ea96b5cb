const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of a duration: `30` and `30s` are seconds, `500ms`, `1.5m`,
 * `1h`. `null` for any other text.
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return null;
  const [, amount, unit = "s"] = match;
  return Math.round(Number(amount) * UNIT_MS[unit]!);
}
