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
  const wanted = simplify(word);
  const found: { readonly candidate: string; readonly edits: number }[] = [];
  for (const candidate of candidates) {
    const edits = countEdits(wanted, simplify(candidate));
    if (edits <= allowedEdits(wanted)) found.push({ candidate, edits });
  }
  found.sort((a, b) => a.edits - b.edits);
  return found.slice(0, limit).map(({ candidate }) => candidate);
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
 * neighbours swapped (optimal string alignment).
 */
function countEdits(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return Infinity;
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
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
