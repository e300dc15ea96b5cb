/** Reads QR codes with a decoder that knows nothing of how they were made. */
import { decode } from "fast-png";
import jsqr from "jsqr";

/** Pixels to each side of a module. */
const SCALE = 8;

/** The text of the only QR code in a picture; `null` if none is read. */
export function codeInPng(png: Uint8Array): string | null {
  const { width, height, data, channels } = decode(png);
  if (channels !== 4) throw new Error(`${channels} channels, expected 4`);
  return read({ width, height, data: Uint8ClampedArray.from(data) });
}

/** Likewise of lines of half blocks, or of `##`, of a terminal with a dark background, or of paper. */
export function codeInText(
  shown: string,
  { on }: { readonly on: "dark" | "paper" },
): string | null {
  const isBlocks = /[▀▄█]/.test(shown);
  const lines = shown.split("\n").filter((line) => line !== "")
    .flatMap((line) => isBlocks ? twoRows(line) : [wholeRow(line)]);
  const width = Math.max(...lines.map(({ length }) => length)) * SCALE;
  const height = lines.length * SCALE;
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const line = lines[Math.floor(y / SCALE)]!;
      const isDrawn = line[Math.floor(x / SCALE)] ?? false;
      const value = isDrawn === (on === "dark") ? 255 : 0;
      data.fill(value, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  }
  return read({ width, height, data });
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel. */
  readonly data: Uint8ClampedArray;
}

function read({ width, height, data }: Picture): string | null {
  const options = { inversionAttempts: "dontInvert" } as const;
  return jsqr.default(data, width, height, options)?.data ?? null;
}

function twoRows(line: string): [upper: boolean[], lower: boolean[]] {
  const cells = [...line];
  return [
    cells.map((cell) => "▀█".includes(cell)),
    cells.map((cell) => "▄█".includes(cell)),
  ];
}

function wholeRow(line: string): boolean[] {
  return (line.match(/../g) ?? []).map((cell) => cell === "##");
}
