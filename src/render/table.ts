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
   * On a narrow terminal, columns are cut in this order, 1 first, each down to
   * `minWidth`; if that is not enough, they are left out in the same order,
   * except those to `keep`. Without it, a column is neither cut nor left out.
   */
  readonly yieldsAs?: number;
  /** Without it, a column is never cut, only left out. */
  readonly minWidth?: number;
  readonly keep?: boolean;
}

interface TableOptions<Row> {
  readonly columns: readonly Column<Row>[];
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
  const { columns, paint = (line) => line, view } = options;
  const measured = columns.map((column) => measure(column, rows, view));
  const shown = fit(measured, view.columns);
  const cells = shown.map((column, index) =>
    layOut(column, {
      before: index === 0 ? "" : GAP,
      isLast: index === shown.length - 1,
    })
  );
  const lineAt = (index: number) => {
    let line = "";
    for (const texts of cells) line += texts[index]!;
    return line;
  };
  let table = `${bold(lineAt(0), view)}\n`;
  rows.forEach((row, index) => {
    table += `${paint(lineAt(index + 1), row)}\n`;
  });
  return table;
}

function measure<Row>(
  column: Column<Row>,
  rows: readonly Row[],
  view: ViewOptions,
): Measured<Row> {
  const texts = [column.title];
  for (const row of rows) texts.push(column.text(row, view));
  const widths = displayWidths(texts);
  let width = 0;
  for (const textWidth of widths) if (textWidth > width) width = textWidth;
  return { column, texts, widths, width };
}

/** The columns that fit into the given width, with their widths. */
function fit<Row>(
  all: readonly Measured<Row>[],
  columns: number,
): readonly Measured<Row>[] {
  const yielding = all.filter(({ column }) => column.yieldsAs !== undefined)
    .sort((a, b) => a.column.yieldsAs! - b.column.yieldsAs!);
  const leavable = yielding.filter(({ column }) => !column.keep);
  for (let left = 0;; left++) {
    const gone = new Set(leavable.slice(0, left));
    const kept = all.filter((measured) => !gone.has(measured));
    const narrowed = narrow(kept, { yielding, columns });
    if (left === leavable.length || totalWidth(narrowed) <= columns) {
      return narrowed;
    }
  }
}

function narrow<Row>(
  kept: readonly Measured<Row>[],
  { yielding, columns }: {
    readonly yielding: readonly Measured<Row>[];
    readonly columns: number;
  },
): Measured<Row>[] {
  let excess = totalWidth(kept) - columns;
  const widths = new Map(kept.map((measured) => [measured, measured.width]));
  for (const measured of yielding) {
    if (excess <= 0) break;
    const width = widths.get(measured);
    if (width === undefined) continue;
    const give = Math.min(excess, width - minimum(measured));
    widths.set(measured, width - give);
    excess -= give;
  }
  return kept.map((measured) => ({
    ...measured,
    width: widths.get(measured)!,
  }));
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
    const cut = widths[index]! > width ? cutToWidth(text, width) : text;
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

function characterWidth(character: string): number {
  if (!NOT_ASCII.test(character)) return 1;
  return NO_WIDTH.test(character)
    ? 0
    : eastAsianWidth(character.codePointAt(0)!);
}
