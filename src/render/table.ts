import { eastAsianWidth } from "get-east-asian-width";
import { printable } from "../text/printable.ts";
import { bold, type ViewOptions } from "./format.ts";

/** Between two columns. */
export const GAP = "  ";

/** The text of a cell without a value. */
export const NO_VALUE = "-";

/** The text of a cell, made printable. */
export function cellText(value: string | null): string {
  return value === null ? NO_VALUE : printable(value);
}

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Text of the cell, printable and without colour. */
  readonly text: (row: Row, options: ViewOptions) => string;
  /** Default left. */
  readonly align?: "left" | "right";
  /**
   * On a narrow terminal, columns yield in this order, 1 first: one to `keep`
   * takes its short text, any other is left out, unless cutting it down to
   * `minWidth` is enough. Without it, a column stays whole.
   */
  readonly yieldsAs?: number;
  /**
   * When all have yielded, columns with a least width share what is still
   * missing: the widest is cut first.
   */
  readonly minWidth?: number;
  readonly keep?: boolean;
  /** Before it is left out, the longest texts of the other columns are cut. */
  readonly isDear?: boolean;
  /** A shorter form of the cell. Default: `text`. */
  readonly shortText?: (row: Row, options: ViewOptions) => string;
  /** Where a text that is too long is cut. Default: at its end. */
  readonly cut?: "end" | "middle";
}

interface TableOptions<Row> {
  readonly columns: readonly Column<Row>[];
  /** Default true. */
  readonly hasHeading?: boolean;
  /** Colours a whole line. */
  readonly paint?: (line: string, row: Row) => string;
  readonly view: ViewOptions;
}

/**
 * A column with its title and cells and their widths, measured once, because
 * there may be 10,000.
 */
interface Measured<Row> {
  readonly column: Column<Row>;
  readonly texts: readonly string[];
  readonly widths: readonly number[];
  readonly width: number;
}

/** A table with a heading and aligned columns, a line per row; empty without rows. */
export function renderTable<Row>(
  rows: readonly Row[],
  options: TableOptions<Row>,
): string {
  if (rows.length === 0) return "";
  const { columns, hasHeading = true, paint = (line) => line, view } = options;
  const measured = columns.map((column) =>
    measure(column, { rows, view, text: column.text, hasHeading })
  );
  const shorten = (column: Column<Row>) =>
    measure(column, { rows, view, text: column.shortText!, hasHeading });
  const shown = fit(measured, { columns: view.columns, shorten });
  const cells = shown.map((column, index) =>
    layOut(column, {
      before: index === 0 ? "" : GAP,
      isLast: index === shown.length - 1,
    })
  );
  const lineAt = (index: number) => {
    let line = "";
    for (const texts of cells) line += texts[index]!;
    return line.trimEnd();
  };
  let table = hasHeading ? `${bold(lineAt(0), view)}\n` : "";
  rows.forEach((row, index) => {
    table += `${paint(lineAt(index + 1), row)}\n`;
  });
  return table;
}

interface Measuring<Row> {
  readonly rows: readonly Row[];
  readonly view: ViewOptions;
  readonly text: Column<Row>["text"];
  readonly hasHeading: boolean;
}

function measure<Row>(
  column: Column<Row>,
  { rows, view, text, hasHeading }: Measuring<Row>,
): Measured<Row> {
  const texts = [hasHeading ? column.title : ""];
  for (const row of rows) texts.push(text(row, view));
  const widths = displayWidths(texts);
  let width = 0;
  for (const textWidth of widths) if (textWidth > width) width = textWidth;
  return { column, texts, widths, width };
}

interface FitOptions<Row> {
  readonly columns: number;
  readonly shorten: (column: Column<Row>) => Measured<Row>;
}

/** The columns that fit into the given width, with their widths. */
function fit<Row>(
  all: readonly Measured<Row>[],
  { columns, shorten }: FitOptions<Row>,
): readonly Measured<Row>[] {
  const yielding = all.map(({ column }) => column)
    .filter(({ yieldsAs }) => yieldsAs !== undefined)
    .sort((a, b) => a.yieldsAs! - b.yieldsAs!);
  let shown = [...all];
  for (const column of yielding) {
    const excess = totalWidth(shown) - columns;
    if (excess <= 0) return shown;
    if (column.isDear) {
      const trimmed = shown.map(withoutLongest);
      const spare = columns - totalWidth(trimmed);
      if (spare >= 0) return shareSpare(trimmed, { shown, spare });
    }
    const at = shown.findIndex((one) => one.column === column);
    const one = shown[at]!;
    if (column.keep) {
      if (column.shortText) shown[at] = shorten(column);
    } else if (column.minWidth && one.width - minimum(one) >= excess) {
      shown[at] = { ...one, width: one.width - excess };
    } else {
      shown = shown.toSpliced(at, 1);
    }
  }
  for (; shown.length > MIN_COLUMNS; shown = shown.slice(0, -1)) {
    const narrow = shareLoss(shown, columns);
    if (totalWidth(narrow) <= columns) return narrow;
  }
  return shareLoss(shown, columns);
}

/** On the narrowest terminal, the first columns are left. */
const MIN_COLUMNS = 3;

/** Share of the cells of a column that are shown whole before another column is left out. */
const USUAL = 0.8;

/** Only as wide as most of its cells need, though never narrower than its least width. */
function withoutLongest<Row>(measured: Measured<Row>): Measured<Row> {
  const { column, widths, width } = measured;
  if (column.minWidth === undefined) return measured;
  const sorted = [...widths].sort((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) * USUAL)]!;
  return {
    ...measured,
    width: Math.min(width, Math.max(usual, minimum(measured))),
  };
}

/** Gives trimmed columns what is left, the first ones first. */
function shareSpare<Row>(
  trimmed: readonly Measured<Row>[],
  { shown, spare }: {
    readonly shown: readonly Measured<Row>[];
    readonly spare: number;
  },
): readonly Measured<Row>[] {
  let left = spare;
  return trimmed.map((one, index) => {
    const more = Math.min(left, shown[index]!.width - one.width);
    left -= more;
    return { ...one, width: one.width + more };
  });
}

/** Cuts the widest columns to one width, so that a single long text costs the others nothing. */
function shareLoss<Row>(
  shown: readonly Measured<Row>[],
  columns: number,
): readonly Measured<Row>[] {
  let excess = totalWidth(shown) - columns;
  const widths = new Map(shown.map((one) => [one, one.width]));
  while (excess > 0) {
    const widest = shown
      .filter((one) => widths.get(one)! > minimum(one))
      .toSorted((a, b) => widths.get(b)! - widths.get(a)!);
    const [first, second] = widest;
    if (first === undefined) break;
    const width = widths.get(first)!;
    const next = Math.max(
      minimum(first),
      second === undefined ? 0 : widths.get(second)!,
    );
    const give = Math.min(excess, Math.max(1, width - next));
    widths.set(first, width - give);
    excess -= give;
  }
  return shown.map((one) => ({ ...one, width: widths.get(one)! }));
}

function minimum<Row>({ column, width }: Measured<Row>): number {
  const smallest = Math.max(column.minWidth ?? width, column.title.length);
  return Math.min(width, smallest);
}

function totalWidth<Row>(columns: readonly Measured<Row>[]): number {
  const gaps = GAP.length * Math.max(0, columns.length - 1);
  return columns.reduce((sum, { width }) => sum + width, gaps);
}

/** The cells of a column, cut or padded; the last column has no padding on its right. */
function layOut<Row>(
  { column, texts, widths, width }: Measured<Row>,
  { before, isLast }: { readonly before: string; readonly isLast: boolean },
): string[] {
  const isRight = column.align === "right";
  const spaces: string[] = [];
  return texts.map((text, index) => {
    const cut = widths[index]! <= width
      ? text
      : column.cut === "middle"
      ? cutInMiddle(text, width)
      : cutToWidth(text, width);
    if (isLast && !isRight) return before + cut;
    const cutWidth = cut === text ? widths[index]! : displayWidth(cut);
    const missing = width - cutWidth;
    const padding = spaces[missing] ??= " ".repeat(missing);
    return isRight ? before + padding + cut : before + cut + padding;
  });
}

const NOT_ASCII = /[^\x20-\x7e]/;
/** Characters drawn over the preceding one. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]$/u;

/**
 * Width of printable text on a terminal, in columns: two for wide characters,
 * zero for combining ones (UAX #11). It considers single characters, which is
 * correct for the output of `printable`, which has no joined emoji.
 */
export function displayWidth(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `displayWidth` of each text. Ten thousand ASCII cells are recognized in a single step. */
function displayWidths(texts: readonly string[]): number[] {
  return NOT_ASCII.test(texts.join(""))
    ? texts.map(displayWidth)
    : texts.map((text) => text.length);
}

/** `text` if it fits into this width, otherwise its beginning and `…`. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** `text` if it fits into this width, otherwise its beginning, `…` and its end. */
function cutInMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const room = columns - 1;
  if (room < 2) return cutToWidth(text, columns);
  const start = startOf([...text], Math.ceil(room / 2));
  const end = startOf([...text].reverse(), Math.floor(room / 2));
  return `${start.join("")}…${end.reverse().join("")}`;
}

/** The first characters that fit into this width. */
function startOf(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) =>
    (width += characterWidth(character)) > columns
  );
  return characters.slice(0, end === -1 ? undefined : end);
}

function characterWidth(character: string): number {
  if (!NOT_ASCII.test(character)) return 1;
  return NO_WIDTH.test(character)
    ? 0
    : eastAsianWidth(character.codePointAt(0)!);
}
