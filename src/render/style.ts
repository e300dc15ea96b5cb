const RESET = "\x1b[0m";

/** A line that stands out: headings. */
export function bold(text: string, { color }: { color: boolean }): string {
  return color ? `\x1b[1m${text}${RESET}` : text;
}

/** A line that stands back: what is not there now. */
export function grey(text: string, { color }: { color: boolean }): string {
  return color ? `\x1b[90m${text}${RESET}` : text;
}
