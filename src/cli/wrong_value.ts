import { Refusal } from "../mount/refusal.ts";
import { Suggestions } from "../text/nearest.ts";
import { printable } from "../text/printable.ts";

/** A flag whose value means nothing. The message says what was expected. */
export function wrong(message: string): Refusal {
  return new Refusal("usage", { message: printable(message) });
}

/** The end of such a message: what may have been meant. */
export function meant(name: string, known: readonly string[]): string {
  const suggestions = new Suggestions(name);
  for (const one of known) suggestions.offer(one);
  const best = suggestions.best(MAX_SUGGESTIONS);
  return best.length === 0 ? "" : `; did you mean ${best.join(", or ")}?`;
}

const MAX_SUGGESTIONS = 3;
