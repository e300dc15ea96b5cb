/**
 * Whether all of `text` fits `pattern`, where `*` stands for any characters
 * and `?` for one; every other character is itself. Takes time in proportion
 * to the product of the lengths, whatever the pattern.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  let at = 0;
  let patternAt = 0;
  // Where to go on from when what follows the last `*` does not fit.
  let retryAt = -1;
  let afterStar = -1;
  while (at < text.length) {
    const wanted = pattern[patternAt];
    if (wanted === "*") {
      afterStar = ++patternAt;
      retryAt = at;
    } else if (wanted === "?" || wanted === text[at]) {
      at++;
      patternAt++;
    } else if (afterStar !== -1) {
      at = ++retryAt;
      patternAt = afterStar;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === "*") patternAt++;
  return patternAt === pattern.length;
}
