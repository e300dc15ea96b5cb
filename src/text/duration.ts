/** Milliseconds in each unit that may follow a number. */
const UNIT_MS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const;

type Unit = keyof typeof UNIT_MS;

const DURATION = new RegExp(
  `^(\\d+(?:\\.\\d+)?) ?(${Object.keys(UNIT_MS).join("|")})?$`,
);

interface DurationOptions {
  /** Unit of a number without one; `null`: such a number is no duration. Default: seconds. */
  readonly unitless?: Unit | null;
}

/**
 * Milliseconds in a duration as people write it: `500ms`, `30s`, `1.5m`, `1h`,
 * `2d`, `3w`, with or without a space; `30` is seconds. `null` for other text.
 */
export function parseDuration(
  text: string,
  { unitless = "s" }: DurationOptions = {},
): number | null {
  const [, amount, written] = DURATION.exec(text.trim()) ?? [];
  const unit = (written ?? unitless) as Unit | null;
  if (amount === undefined || unit === null) return null;
  return Math.round(Number(amount) * UNIT_MS[unit]);
}

/**
 * A duration as `parseDuration` reads it, in the largest unit of which it is a
 * whole number: `8d`, `90s`, or `2.5s` for 2500 ms.
 */
export function formatDuration(ms: number): string {
  const unit = WHOLE_UNITS.find((unit) => ms > 0 && ms % UNIT_MS[unit] === 0) ??
    "s";
  return `${ms / UNIT_MS[unit]}${unit}`;
}

const WHOLE_UNITS = ["d", "h", "m"] as const;
