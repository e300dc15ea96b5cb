import { parseDuration } from "../text/duration.ts";

/** The times accepted by `parseSince`, to follow the word "expected". */
export const SINCE_EXPECTED =
  "how long ago, as 90m, 12h, 2d or 3w, or a date, as 2026-01-31";

/**
 * Ms since 1970 of a time: a duration before `now`, the beginning of a day in
 * UTC, or RFC 3339. `null` for any other text.
 */
export function parseSince(text: string, now: number): number | null {
  const agoMs = parseDuration(text, { unitless: null });
  if (agoMs !== null) return Math.max(0, Math.round(now - agoMs));
  if (!/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : Math.max(0, time);
}
