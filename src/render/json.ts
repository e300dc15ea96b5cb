import { printableJson } from "../text/printable.ts";

/** One JSON document: a list has its rows on a line each, so that it can be searched line by line too. */
export function renderJson(view: unknown): string {
  if (!Array.isArray(view)) {
    return `${printableJson(JSON.stringify(view, null, 2))}\n`;
  }
  if (view.length === 0) return "[]\n";
  const rows = view.map((row) => printableJson(JSON.stringify(row)));
  return `[\n${rows.join(",\n")}\n]\n`;
}

/** JSON on one line. */
export function renderJsonLine(view: unknown): string {
  return `${printableJson(JSON.stringify(view))}\n`;
}
