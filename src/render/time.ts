/** An RFC 3339 time to the minute, in UTC: `2026-01-31 12:00Z`; `?` where it is no time. */
export function formatMinute(time: string): string {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return "?";
  const [day, hours] = new Date(ms).toISOString().split("T");
  return `${day} ${hours!.slice(0, "12:00".length)}Z`;
}
