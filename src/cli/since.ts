const UNIT_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** What `parseSince` understands, to follow the word "expected". */
export const SINCE_EXPECTED =
  "how long ago, as 90m, 12h, 2d or 3w, or a date, as 2026-01-31";

/**
 * Ms since 1970 of a time as people write it: so long before `now`, or the
 * beginning of a day in UTC, or RFC 3339. `null` where the text is none.
 */
export function parseSince(text: string, now: number): number | null {
  const ago = /^(\d+(?:\.\d+)?) ?([mhdw])$/.exec(text.trim());
  if (ago !== null) {
    return Math.max(0, Math.round(now - Number(ago[1]) * UNIT_MS[ago[2]!]!));
  }
  if (!/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : Math.max(0, time);
}
