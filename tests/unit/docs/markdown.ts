/** A table of a document: what its columns are called, and its cells as they are written. */
export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All tables of a text. */
export function tables(text: string): Table[] {
  const blocks = withoutCode(text).match(/(?:^\|.*\|\n)+/gm) ?? [];
  return blocks.map((block) => {
    const [headings = [], , ...rows] = block.trimEnd().split("\n").map(cells);
    return { headings, rows };
  });
}

/** The tables whose first column is called `heading`, as one list of rows. */
export function rowsOf(text: string, heading: string): (readonly string[])[] {
  return tables(text)
    .filter(({ headings }) => headings[0] === heading)
    .flatMap(({ rows }) => rows);
}

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

/** What stands between backticks. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
}

/** The contents of the blocks in that language, `console`. */
export function codeBlocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , content]) => content!);
}

export function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, "");
}

export function withoutDiffs(text: string): string {
  return text.replace(/^```diff$.*?^```$/gms, "");
}

/** A command in a `console` block, and what it printed. */
export interface Typed {
  readonly command: string;
  readonly output: string;
}

/** Everything that is typed at a prompt in the `console` blocks of a text. */
export function typedCommands(text: string): Typed[] {
  return codeBlocks(text, "console").flatMap((block) =>
    block.split(/^root@\w+:~# /m).slice(1).map((part) => {
      const end = part.indexOf("\n");
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    })
  );
}

/** The text below a heading, up to the next one of the same or a higher level. */
export function section(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) =>
    /^#+ /.test(line) && line.replace(/^#+ /, "") === heading
  );
  if (start === -1) throw new Error(`There is no heading "${heading}".`);
  const level = lines[start]!.indexOf(" ");
  const length = lines.slice(start + 1).findIndex((line) =>
    new RegExp(`^#{1,${level}} `).test(line)
  );
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join("\n");
}
