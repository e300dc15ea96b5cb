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
   * missing, so that few cells are cut.
   */
  readonly minWidth?: number;
  /** How much a cut cell counts there. Default 1. */
  readonly weight?: number;
  readonly keep?: boolean;
  /** Before it is left out, it takes its short text, and a few cells of all columns are cut. */
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
    const at = shown.findIndex((one) => one.column === column);
    if (column.isDear) {
      if (column.shortText) shown[at] = shorten(column);
      const narrow = shareLoss(shown, columns);
      if (totalWidth(narrow) <= columns && narrow.every(isMostlyWhole)) {
        return narrow;
      }
    }
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

/** Share of the cells of a column that may be cut before another column is left out. */
const FEW = 1 / 3;

function isMostlyWhole<Row>({ widths, width }: Measured<Row>): boolean {
  const filled = widths.filter((one) => one > 0);
  return filled.filter((one) => one > width).length <= FEW * filled.length;
}

/**
 * Narrows columns step by step, each time where it cuts the fewest cells for the
 * room that it yields: a single long text costs the others nothing.
 */
function shareLoss<Row>(
  shown: readonly Measured<Row>[],
  columns: number,
): readonly Measured<Row>[] {
  const steps = shown.map(stepsOf);
  const widths = shown.map(({ width }) => width);
  let excess = totalWidth(shown) - columns;
  while (excess > 0) {
    const [best] = steps.flatMap((all, index) =>
      all.filter(({ width }) => width < widths[index]!).map((step) => ({
        index,
        width: step.width,
        loss: step.loss / Math.min(excess, widths[index]! - step.width),
      }))
    ).sort((a, b) => a.loss - b.loss);
    if (best === undefined) break;
    const give = Math.min(excess, widths[best.index]! - best.width);
    widths[best.index]! -= give;
    excess -= give;
  }
  return shown.map((one, index) => ({ ...one, width: widths[index]! }));
}

/** Of less width, a name can hardly be told from others; such a cut counts more. */
const LEGIBLE = 9;
const DAMAGE = 4;

/** The widths to which a column may be narrowed, and what is lost then: cells that are cut, weighed. */
function stepsOf<Row>(
  measured: Measured<Row>,
): { readonly width: number; readonly loss: number }[] {
  const { column: { weight = 1 }, widths, width } = measured;
  const least = minimum(measured);
  const below = [...new Set([...widths, LEGIBLE, least])]
    .filter((one) => one < width && one >= least)
    .sort((a, b) => b - a);
  const sorted = [...widths].sort((a, b) => b - a);
  let cells = 0;
  return below.map((step) => {
    while (cells < sorted.length && sorted[cells]! > step) cells++;
    return {
      width: step,
      loss: cells * weight * (step < LEGIBLE ? DAMAGE : 1),
    };
  });
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
  const long = texts.filter((_text, index) => widths[index]! > width);
  const cuts = cutApart(new Set(long), {
    width,
    isMiddle: column.cut === "middle",
  });
  return texts.map((text, index) => {
    const cut = cuts.get(text) ?? text;
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

/**
 * Texts that are too wide, cut at their end, or in their middle. Those that look
 * alike then are cut where they do not, if there is such a place.
 */
function cutApart(
  texts: ReadonlySet<string>,
  { width, isMiddle }: { readonly width: number; readonly isMiddle: boolean },
): ReadonlyMap<string, string> {
  const room = width - 1;
  if (!isMiddle || room < 2) {
    return new Map([...texts].map((text) => [text, cutToWidth(text, width)]));
  }
  const half = Math.floor(room / 2);
  const tails = [half, ...range(half + 1, room), ...range(0, half - 1)];
  const cutAll = (alike: readonly string[], tail: number) =>
    alike.map((text) => cutBefore(text, { room, tail }));
  const groups = Map.groupBy(
    texts,
    (text) => cutBefore(text, { room, tail: half }),
  );
  return new Map([...groups.values()].flatMap((alike) => {
    const best = alike.length === 1 || alike.length > MAX_COMPARED
      ? half
      : bestOf(
        tails,
        (tail) => new Set(cutAll(alike, tail)).size,
        alike.length,
      );
    const cuts = cutAll(alike, best);
    return alike.map((text, index) => [text, cuts[index]!] as const);
  }));
}

/** Of more texts that look alike, none is cut elsewhere: that would take long. */
const MAX_COMPARED = 100;

/** The first that scores highest; the search ends at a score that is `enough`. */
function bestOf(
  values: readonly number[],
  score: (value: number) => number,
  enough: number,
): number {
  let best = values[0]!;
  let most = -Infinity;
  for (const value of values) {
    const points = score(value);
    if (points > most) [most, best] = [points, value];
    if (most >= enough) break;
  }
  return best;
}

function range(first: number, last: number): number[] {
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, i) => first + i,
  );
}

/** Its beginning, `…`, and `tail` columns of its end; `room` columns without the `…`. */
function cutBefore(
  text: string,
  { room, tail }: { readonly room: number; readonly tail: number },
): string {
  const characters = [...text];
  const start = startOf(characters, room - tail).join("");
  return `${start}…${startOf(characters.reverse(), tail).reverse().join("")}`;
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
