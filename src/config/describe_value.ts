import { printableJson } from "../text/printable.ts";

/** Longer values are cut. */
const MAX_SHOWN_CHARS = 80;

/** A value of a configuration as a message shows it: as JSON, safe to print, and not the whole of what is long. */
export function describeValue(value: unknown): string {
  // JSON has no NaN and no Infinity, YAML has.
  const json = typeof value === "number"
    ? String(value)
    : JSON.stringify(value) ?? "nothing";
  const start = json.slice(0, MAX_SHOWN_CHARS);
  return printableJson(start) + (start === json ? "" : "...");
}
