import { printableJson } from "../text/printable.ts";

/**
 * A JSON document, with a row of a list per line, so that line tools can search
 * it.
 */
export function renderJson(view: unknown): string {
  if (!Array.isArray(view)) {
    return `${printableJson(JSON.stringify(view, null, 2))}\n`;
  }
  if (view.length === 0) return "[]\n";
  const rows = view.map((row) => printableJson(JSON.stringify(row)));
  return `[\n${rows.join(",\n")}\n]\n`;
}

/** JSON on a single line. */
export function renderJsonLine(view: unknown): string {
  return `${printableJson(JSON.stringify(view))}\n`;
}
