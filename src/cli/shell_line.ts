/** The word that a line ends in, perhaps not all written yet. */
export interface OpenWord {
  /** What it stands for so far, without quotes. Empty after a space. */
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
  /** The quote that is not closed yet. */
  readonly quote: Quote | null;
  /** How much of `text` stands before that quote. */
  readonly beforeQuote: number;
  /** How much of `text` stands before the last unquoted break character, and that included. */
  readonly beforeBreak: number;
}

type Quote = '"' | "'";

/** A line, split into words as a shell does. */
interface ShellLine {
  /** The words that a space ended. */
  readonly words: readonly string[];
  readonly open: OpenWord;
}

/** What a backslash keeps its meaning before, between double quotes. */
const ESCAPED_IN_QUOTES = '"\\$`';

/**
 * Splits a line at its spaces, but for those that are quoted or follow a
 * backslash. Nothing is expanded: `$x`, `*` and `;` are themselves.
 *
 * @param breaks characters at which bash takes a word apart before it completes it
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

/**
 * The words of a whole line, for it to be run.
 * `null` where a quote is not closed.
 */
export function shellWords(line: string): string[] | null {
  // The space ends the last word, unless a quote is open.
  const { words, open } = splitShellLine(`${line} `);
  return open.quote === null ? [...words] : null;
}

/** `word` as it has to be typed for `shellWords` to read it as one. */
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
