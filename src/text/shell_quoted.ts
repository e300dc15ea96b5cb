/** A word that a shell reads unchanged anywhere in a command. */
const PLAIN = /^[\w./:@%+,-][\w./:@%+=,-]*$/;

/** Quotes a command so that a POSIX shell reads back the same words. */
export function shellQuoted(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

/** Within single quotes only the quote itself has a meaning. */
function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
