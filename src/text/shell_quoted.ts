/** What a shell takes as it is, wherever it stands in a command. */
const PLAIN = /^[\w./:@%+,-][\w./:@%+=,-]*$/;

/** A command as a POSIX shell reads it back, word by word. */
export function shellQuoted(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

/** Between single quotes nothing has a meaning but the quote itself. */
function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
