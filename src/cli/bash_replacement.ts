import type { OpenWord } from "./shell_line.ts";

/** Unquoted, bash takes these for themselves. */
const NEEDS_BACKSLASH = /[^\w./:@%+=,\u{80}-\u{10ffff}-]/gu;

/**
 * What bash is to put in place of the word before the cursor, so that the
 * whole word then stands for `candidate`, which begins with what the word
 * stands for so far. bash replaces only what follows an open quote or the last
 * break character, and puts in what it is given as it is: everything that it
 * would act on is quoted here.
 */
export function bashReplacement(candidate: string, open: OpenWord): string {
  switch (open.quote) {
    case null:
      return candidate.slice(open.beforeBreak).replace(
        NEEDS_BACKSLASH,
        "\\$&",
      );
    case "'":
      return candidate.slice(open.beforeQuote).replaceAll("'", "'\\''");
    case '"':
      // Between double quotes nothing keeps `!` from history expansion: it goes outside.
      return candidate.slice(open.beforeQuote)
        .replace(/["\\$`]/g, "\\$&")
        .replaceAll("!", '"\\!"');
  }
}
