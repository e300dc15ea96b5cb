/** The last word of a line, possibly incomplete. */
export interface OpenWord {
  /** Its present meaning, without quotes. Empty after a space. */
  readonly text: string;
  /** Its start in the line. */
  readonly start: number;
  /** The open quote. */
  readonly quote: Quote | null;
  /** Length of the part of `text` before that quote. */
  readonly beforeQuote: number;
  /** Length of the part of `text` up to and including the last unquoted break character. */
  readonly beforeBreak: number;
}

type Quote = '"' | "'";

/** A line, split into words as by a shell. */
interface ShellLine {
  /** The words ended by a space. */
  readonly words: readonly string[];
  readonly open: OpenWord;
}

/** Characters that a backslash escapes within double quotes. */
const ESCAPED_IN_QUOTES = '"\\$`';

/**
 * Splits a line at unquoted spaces without a backslash. Nothing is expanded:
 * `$x`, `*` and `;` mean themselves.
 *
 * @param breaks characters at which bash splits a word before completing it
 */
export function splitShellLine(line: string, breaks = ""): ShellLine {
  const words: string[] = [];
  let open = emptyWord(0);
  let isWord = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    const { quote } = open;
    if (quote === null && /\s/.test(character)) {
      if (isWord) words.push(open.text);
      open = emptyWord(at + 1);
      isWord = false;
    } else if (character === "\\" && escapes(line[at + 1], quote)) {
      open = { ...open, text: open.text + (line[++at] ?? "") };
      isWord = true;
    } else {
      open = readCharacter(character, open, breaks);
      isWord = true;
    }
  }
  return { words, open };
}

/** The words of a whole line, to run it. `null` if a quote is open. */
export function shellWords(line: string): string[] | null {
  // The space ends the last word, unless a quote is open.
  const { words, open } = splitShellLine(`${line} `);
  return open.quote === null ? [...words] : null;
}

/** Quotes `word` so that `shellWords` reads it as a single word. */
export function quoteWord(word: string): string {
  if (/^[\w./:@%+=,-]+$/.test(word)) return word;
  return `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}

function emptyWord(start: number): OpenWord {
  return { text: "", start, quote: null, beforeQuote: 0, beforeBreak: 0 };
}

function escapes(next: string | undefined, quote: Quote | null): boolean {
  if (quote === null) return true;
  if (quote === "'" || next === undefined) return false;
  return ESCAPED_IN_QUOTES.includes(next);
}

function readCharacter(
  character: string,
  open: OpenWord,
  breaks: string,
): OpenWord {
  const { text, quote } = open;
  if (quote !== null) {
    return character === quote
      ? { ...open, quote: null }
      : { ...open, text: text + character };
  }
  if (character === '"' || character === "'") {
    return { ...open, quote: character, beforeQuote: text.length };
  }
  const longer = text + character;
  return breaks.includes(character)
    ? { ...open, text: longer, beforeBreak: longer.length }
    : { ...open, text: longer };
}
