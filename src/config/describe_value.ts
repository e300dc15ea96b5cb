import { printableJson } from "../text/printable.ts";

/** Longer values are cut. */
const MAX_SHOWN_CHARS = 80;

/** A value of a configuration for a message: JSON, safe to print, cut if long. */
export function describeValue(value: unknown): string {
  // YAML has NaN and Infinity, JSON does not.
  const json = typeof value === "number"
    ? String(value)
    : JSON.stringify(value) ?? "nothing";
  const start = json.slice(0, MAX_SHOWN_CHARS);
  return printableJson(start) + (start === json ? "" : "...");
}
