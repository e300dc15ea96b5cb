/**
 * Greatest edit distance between a word and its likely correction; longer words
 * may differ more.
 */
const MAX_EDITS = 3;
/**
 * Longer words are not compared by edit distance, which takes time in
 * proportion to the product of the lengths.
 */
const MAX_COMPARED_LENGTH = 64;

/**
 * The likely corrections of `word` among `candidates`, nearest first: words
 * that differ only in case, `-`, `_` and spaces, or by few typing errors.
 */
export function nearest(
  word: string,
  candidates: Iterable<string>,
  { limit = 3 }: { readonly limit?: number } = {},
): string[] {
  const editsTo = editCounter(word);
  const found: { readonly candidate: string; readonly edits: number }[] = [];
  for (const candidate of candidates) {
    const edits = editsTo(candidate);
    if (edits < Infinity) found.push({ candidate, edits });
  }
  found.sort((a, b) => a.edits - b.edits);
  return found.slice(0, limit).map(({ candidate }) => candidate);
}

/**
 * Collects the names that may have been meant by `wanted`, offered one after the
 * other, because comparing thousands of them takes time.
 */
export class Suggestions {
  readonly #lowerCase: string;
  readonly #editsTo: (name: string) => number;
  readonly #containing = new Set<string>();
  readonly #similar = new Map<string, number>();

  constructor(wanted: string) {
    this.#lowerCase = wanted.toLowerCase();
    this.#editsTo = editCounter(wanted);
  }

  readonly offer = (name: string): void => {
    if (
      this.#lowerCase !== "" && name.toLowerCase().includes(this.#lowerCase)
    ) {
      this.#containing.add(name);
      return;
    }
    const edits = this.#editsTo(name);
    if (edits < Infinity) this.#similar.set(name, edits);
  };

  /** Names that contain it, then similar ones, nearest first. */
  best(limit: number): string[] {
    const similar = [...this.#similar]
      .sort(([a, editsA], [b, editsB]) => editsA - editsB || (a < b ? -1 : 1))
      .map(([name]) => name);
    return [...this.#containing].sort().concat(similar).slice(0, limit);
  }
}

/** Counts the edits to a word; `Infinity` if they are too many to be likely. */
function editCounter(word: string): (candidate: string) => number {
  const wanted = simplify(word);
  const limit = allowedEdits(wanted);
  return (candidate) => {
    const edits = countEdits(wanted, simplify(candidate), limit);
    return edits <= limit ? edits : Infinity;
  };
}

function simplify(word: string): string {
  return word.slice(0, MAX_COMPARED_LENGTH).toLowerCase().replace(
    /[-_\s]/g,
    "",
  );
}

function allowedEdits(word: string): number {
  return Math.min(MAX_EDITS, Math.floor(word.length / 3));
}

/**
 * Edit distance between `a` and `b`: letters inserted, deleted or changed, and
 * neighbours swapped (optimal string alignment). `Infinity`, sooner, for many
 * that differ by more than `limit`.
 */
function countEdits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (same ? 0 : 1),
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] &&
        a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, beforeLast[j - 2]! + 1);
      row.push(edits);
    }
    // The least of a row is at most one more than that of the row before.
    if (Math.min(...row) > limit) return Infinity;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
