import { nearest } from "../text/nearest.ts";
import { printable } from "../text/printable.ts";

const MAX_SUGGESTIONS = 3;

/** That no disk goes by a name, and which of the `names` that are known may have been meant. */
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
  return `No disk goes by the name ${printable(name)}. ${next}`;
}
