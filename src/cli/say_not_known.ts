import { nearest } from "../text/nearest.ts";
import { printable } from "../text/printable.ts";

const MAX_SUGGESTIONS = 3;

/** A message for an unknown name, with likely corrections among `names`. */
export function sayNotKnown(name: string, names: readonly string[]): string {
  const wanted = name.toLowerCase();
  const containing = names.filter((known) =>
    wanted !== "" && known.toLowerCase().includes(wanted)
  );
  const similar = new Set([...containing, ...nearest(name, names)]);
  const suggestions = [...similar].slice(0, MAX_SUGGESTIONS).map(printable);
  const next = suggestions.length > 0
    ? `Did you mean ${suggestions.join(", or ")}?`
    : "See: diskd list";
  return `No disk is named ${printable(name)}. ${next}`;
}
