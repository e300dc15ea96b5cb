/**
 * Whether all of `text` matches `pattern`. `*` matches any characters, `?` a
 * single character, any other character itself. Takes time in proportion to the
 * product of the lengths, for any pattern.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  let at = 0;
  let patternAt = 0;
  // Resume here when the text after the last `*` does not match.
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
