/**
 * The word that was probably meant by `typed`, or `null` where none is near:
 * at most half of its letters, and at most two, may have to change.
 */
export function nearestWord(
  typed: string,
  words: readonly string[],
): string | null {
  if (typed.length > MAX_TYPED_CHARS) return null;
  const allowed = Math.min(MAX_CHANGES, Math.floor(typed.length / 2));
  let nearest: string | null = null;
  let fewest = allowed + 1;
  for (const word of words) {
    const changes = changesBetween(typed, word);
    if (changes < fewest) [nearest, fewest] = [word, changes];
  }
  return nearest;
}

/** Letters to insert, remove or exchange to get from one to the other (Levenshtein's distance). */
function changesBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      current.push(Math.min(
        above[column]! + 1,
        current[column - 1]! + 1,
        above[column - 1]! + (same ? 0 : 1),
      ));
    }
    above = current;
  }
  return above[to.length]!;
}

const MAX_CHANGES = 2;
const MAX_TYPED_CHARS = 20;
