/** What `label` prints: the text of a sticker, and its QR code. */
import { correction, generate } from "lean-qr";
import type { LabelView } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import { bold, formatSize, renderDetails, type ViewOptions } from "./format.ts";

/** Blank modules around a code, as ISO/IEC 18004 wants them. */
export const QUIET_MODULES = 4;

/** The modules of a QR code. */
export interface CodeModules {
  /** Along each side. */
  readonly size: number;
  /** Whether a module is dark; outside of the code none is. */
  get(x: number, y: number): boolean;
}

/** A code that is read with 15 % of it damaged, or more where that costs no module. */
export function makeCode(text: string): CodeModules {
  return generate(text, { minCorrectionLevel: correction.M });
}

/** The text of a sticker. */
export function renderSticker(disk: LabelView, view: ViewOptions): string {
  const { uuid, serial, wwn, label } = disk;
  const name = nameOnSticker(disk);
  const text = (value: string | null) =>
    value === null ? null : printable(value);
  return `${bold(printable(name), view)}\n` + renderDetails([
    ["label", label === name ? null : text(label)],
    ["drive", text(sayModel(disk))],
    ["uuid", text(uuid)],
    ["serial", text(serial)],
    ["wwn", text(wwn)],
  ], { indent: "  " });
}

/** What is written large. */
export function nameOnSticker({ name, model, code }: LabelView): string {
  return name ?? model ?? code;
}

/** Model and size, unless the model is the name. */
export function sayModel(disk: LabelView): string | null {
  const { model, size } = disk;
  const known = [
    model === nameOnSticker(disk) ? null : model,
    size === null ? null : formatSize(size),
  ].filter((word) => word !== null);
  return known.length === 0 ? null : known.join(", ");
}

/**
 * The code for a terminal or a printer of text; `null` if it is too narrow.
 * With colours it is black on white on any terminal. Without, a terminal is
 * taken to be dark, and paper to be white.
 */
export function renderCode(
  code: CodeModules,
  { columns, color, utf8 }: Pick<ViewOptions, "columns" | "color" | "utf8">,
): string | null {
  const width = utf8 ? 1 : 2;
  const spare = Math.floor((columns / width - code.size) / 2);
  if (spare < 1) return null;
  const quiet = Math.min(QUIET_MODULES, spare);
  const isInk = color || columns === Infinity;
  const draw = { code, quiet, isFilled: (isDark: boolean) => isDark === isInk };
  const lines = utf8 ? halfBlocks(draw) : wholeCells(draw);
  return lines.map((line) => `${color ? onPaper(line) : line}\n`).join("");
}

interface CodeDrawing {
  readonly code: CodeModules;
  /** Blank modules around it. */
  readonly quiet: number;
  /** Whether a dark, or a light, module is drawn. */
  readonly isFilled: (isDark: boolean) => boolean;
}

/** Two modules in each cell, one above the other. */
function halfBlocks({ code, quiet, isFilled }: CodeDrawing): string[] {
  const { size } = code;
  const blocks = [" ", "▄", "▀", "█"];
  return steps(-quiet, size + quiet, 2).map((y) =>
    steps(-quiet, size + quiet, 1).map((x) => {
      const upper = isFilled(code.get(x, y));
      const lower = isFilled(code.get(x, y + 1));
      return blocks[2 * Number(upper) + Number(lower)];
    }).join("")
  );
}

/** A module in two cells, which together are about as wide as high. */
function wholeCells({ code, quiet, isFilled }: CodeDrawing): string[] {
  const all = steps(-quiet, code.size + quiet, 1);
  return all.map((y) =>
    all.map((x) => isFilled(code.get(x, y)) ? "##" : "  ").join("")
  );
}

function steps(from: number, to: number, by: number): number[] {
  const count = Math.ceil((to - from) / by);
  return Array.from({ length: count }, (_, index) => from + index * by);
}

/** Black on white: of the 256 colours, two that themes leave alone. */
function onPaper(line: string): string {
  const cells = line.replaceAll(
    /#+/g,
    (dark) => `\x1b[48;5;16m${" ".repeat(dark.length)}\x1b[48;5;231m`,
  );
  return `\x1b[38;5;16;48;5;231m${cells}\x1b[0m`;
}
