import type { ConfigView } from "../control/views.ts";
import { printable } from "../text/printable.ts";

/** In `status`: the file, and what of it is not in use. */
export function showConfig(view: ConfigView): string {
  const parts = [fileOf(view)];
  if (view.problem !== null) parts.push(`not usable now: ${view.problem}`);
  if (view.changed.length > 0) {
    parts.push(`diskd reload applies ${view.changed.join(" ")}`);
  }
  if (view.restart.length > 0) {
    parts.push(`a restart applies ${view.restart.join(" ")}`);
  }
  return printable(parts.join("; "));
}

/** `reload`: what is different now. */
export function renderReload(view: ConfigView): string {
  if (view.problem !== null) return "Nothing changed\n";
  const applied = view.changed.join(" ") || "no change";
  const rest = view.restart.length === 0
    ? ""
    : `; restart diskd for ${view.restart.join(" ")}`;
  const read = view.file === null
    ? "There is no configuration file"
    : `Read ${view.file}`;
  return printable(`${read}: ${applied}${rest}`) + "\n";
}

function fileOf({ file }: ConfigView): string {
  return file ?? "no file";
}
