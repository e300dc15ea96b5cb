const UNITS = [
  { name: "y", seconds: 365 * 86_400 },
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "m", seconds: 60 },
] as const;

/** A span of time in its largest unit, rounded down: `3s`, `12m`, `4d`. Less than nothing is `0s`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const unit of UNITS) {
    if (seconds >= unit.seconds) {
      return `${Math.floor(seconds / unit.seconds)}${unit.name}`;
    }
  }
  return `${seconds}s`;
}

/** How long before `now` (ms since 1970) an RFC 3339 time was; `?` where it is no time. */
export function formatAge(time: string, now: number): string {
  const ms = now - Date.parse(time);
  return Number.isNaN(ms) ? "?" : formatSpan(ms);
}
