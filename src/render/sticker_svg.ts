/** A sticker as SVG, of 62 by 29 mm: a size that label printers have. */
import { toSvgPath } from "lean-qr/extras/svg";
import type { LabelView } from "../control/views.ts";
import { printable } from "../text/printable.ts";
import {
  type CodeModules,
  nameOnSticker,
  QUIET_MODULES,
  sayModel,
} from "./sticker.ts";
import { cutToWidth, displayWidth } from "./table.ts";

const WIDTH_MM = 62;
/** That of the code, too, with the blank around it. */
const HEIGHT_MM = 29;
const MARGIN_MM = 2;
/** Room for text, to the right of the code. */
const TEXT_MM = WIDTH_MM - HEIGHT_MM - MARGIN_MM;

/** Sizes of the name, the largest in which it fits. */
const NAME_MM = [4.2, 3.4, 2.8, 2.4] as const;
/** Size of all else: 6 points. */
const SMALL_MM = 2.1;
/** Width of a character of a monospaced font, in parts of its size. */
const ADVANCE = 0.61;
/** From line to line, likewise. */
const LEADING = 1.25;
/** Lines of a text that does not fit into one. */
const MAX_LINES = 2;

interface TextLine {
  readonly text: string;
  readonly sizeMm: number;
  readonly isBold: boolean;
}

export function renderStickerSvg(disk: LabelView, code: CodeModules): string {
  const side = code.size + 2 * QUIET_MODULES;
  const scale = round(HEIGHT_MM / side);
  return `<svg xmlns="http://www.w3.org/2000/svg" ` +
    `width="${WIDTH_MM}mm" height="${HEIGHT_MM}mm" ` +
    `viewBox="0 0 ${WIDTH_MM} ${HEIGHT_MM}">\n` +
    `<rect width="${WIDTH_MM}" height="${HEIGHT_MM}" fill="#fff"/>\n` +
    `<path transform="scale(${scale}) ` +
    `translate(${QUIET_MODULES} ${QUIET_MODULES})" ` +
    `d="${toSvgPath(code)}"/>\n` +
    `<g font-family="DejaVu Sans Mono, Liberation Mono, Menlo, Consolas, ` +
    `monospace" xml:space="preserve">\n${
      drawLines(linesOf(disk))
    }</g>\n</svg>\n`;
}

function linesOf(disk: LabelView): TextLine[] {
  const { label, uuid, serial, wwn, code } = disk;
  const name = nameOnSticker(disk);
  return [
    ...nameLines(printable(name)),
    ...smallLines(label === name ? null : label),
    ...smallLines(sayModel(disk)),
    ...smallLines(uuid),
    ...smallLines(serial === null ? null : `S/N ${serial}`),
    // Only one of the two is needed, and there is room for one.
    ...smallLines(serial === null || wwn === code ? wwn : null),
  ];
}

function nameLines(name: string): TextLine[] {
  const fits = (sizeMm: number) => displayWidth(name) <= charactersAt(sizeMm);
  const sizeMm = NAME_MM.find(fits) ?? NAME_MM.at(-1)!;
  return wrap(name, charactersAt(sizeMm))
    .map((text) => ({ text, sizeMm, isBold: true }));
}

function smallLines(text: string | null): TextLine[] {
  return text === null ? [] : wrap(printable(text), charactersAt(SMALL_MM))
    .map((text) => ({ text, sizeMm: SMALL_MM, isBold: false }));
}

function charactersAt(sizeMm: number): number {
  return Math.floor(TEXT_MM / (sizeMm * ADVANCE));
}

/** At most `MAX_LINES`, broken where words and parts of a UUID end; the last is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (displayWidth(rest) > width && lines.length < MAX_LINES - 1) {
    // Its last character is the mark of a cut.
    const whole = [...cutToWidth(rest, width + 1)].slice(0, -1).join("");
    const end = whole.search(/[ _:-][^ _:-]*$/) + 1;
    const line = end > whole.length / 2 ? whole.slice(0, end) : whole;
    lines.push(line.trimEnd());
    rest = rest.slice(line.length);
  }
  return [...lines, cutToWidth(rest, width)];
}

function drawLines(lines: readonly TextLine[]): string {
  const height = lines.reduce((sum, { sizeMm }) => sum + sizeMm * LEADING, 0);
  let y = Math.max(0, (HEIGHT_MM - height) / 2);
  return lines.map(({ text, sizeMm, isBold }) => {
    const baseline = y + sizeMm;
    y += sizeMm * LEADING;
    const weight = isBold ? ` font-weight="bold"` : "";
    return `<text x="${HEIGHT_MM}" y="${round(baseline)}" ` +
      `font-size="${sizeMm}"${weight}>${xmlText(text)}</text>\n`;
  }).join("");
}

function round(number: number): number {
  return Math.round(number * 1000) / 1000;
}

/** Printable text has none of the characters that XML forbids. */
function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
