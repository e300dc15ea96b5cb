/**
 * An animated SVG of what a program drew on a terminal: one file, no script,
 * text that can be selected. Each frame is a group that CSS shows for its time.
 */

/** What stood on the terminal from a moment on. */
export interface Frame {
  /** From the start of the recording. */
  readonly atMs: number;
  /** With the colours of the terminal: SGR of ECMA-48, 8.3.117. */
  readonly lines: readonly string[];
  /** What just happened, for the line below the terminal. */
  readonly caption: string;
}

export interface Recording {
  readonly title: string;
  /** What a screen reader says of it. */
  readonly description: string;
  readonly columns: number;
  readonly frames: readonly Frame[];
  /** Of the whole; then it starts again. */
  readonly lengthMs: number;
  /** The frame for those who want no motion; the first is 0. */
  readonly still: number;
}

/** Of a character and a line, in CSS pixels. */
const [CHARACTER, LINE] = [8, 20];
const MARGIN = 16;
const BAR = 36;

/** Draws it. The same recording gives the same bytes. */
export function drawRecording(recording: Recording): string {
  const { title, description, columns, frames, still } = recording;
  const rows = Math.max(...frames.map(({ lines }) => lines.length));
  const width = columns * CHARACTER + 2 * MARGIN;
  const captionY = BAR + MARGIN + rows * LINE + LINE;
  const height = captionY + MARGIN;
  const dots = [0, 1, 2].map((i) =>
    `<circle cx="${MARGIN + 6 + i * 18}" cy="${BAR / 2}" r="5" class="d"/>`
  );
  const groups = frames.map((frame, i) =>
    `<g class="f${i === still ? " s" : ""}" id="f${i}">\n${
      drawFrame(frame, captionY)
    }</g>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">
<title id="t">${escaped(title)}</title>
<desc id="d">${escaped(description)}</desc>
<style>
${styleOf(recording)}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${
    height - 1
  }" rx="8" class="w"/>
<path d="M0 ${BAR}H${width}" class="l"/>
${dots.join("\n")}
<text x="${width / 2}" y="${BAR / 2 + 5}" text-anchor="middle" class="g">${
    escaped(title)
  }</text>
${groups.join("\n")}
</svg>
`;
}

function drawFrame({ lines, caption }: Frame, captionY: number): string {
  const drawn = lines.map((line, row) => drawLine(line, row)).join("");
  return `${drawn}<text x="${MARGIN}" y="${captionY}" class="c">${
    escaped(caption)
  }</text>\n`;
}

/** As wide as on a terminal, whatever the font. */
function drawLine(line: string, row: number): string {
  const spans = spansOf(line);
  const length = spans.reduce((sum, { text }) => sum + text.length, 0);
  if (length === 0) return "";
  const y = BAR + MARGIN + row * LINE + 14;
  const inside = spans.map(({ text, style }) =>
    style === ""
      ? escaped(text)
      : `<tspan class="${style}">${escaped(text)}</tspan>`
  );
  return `<text x="${MARGIN}" y="${y}" textLength="${length * CHARACTER}">${
    inside.join("")
  }</text>\n`;
}

interface Span {
  readonly text: string;
  /** Classes: `b` bold, `g` grey. */
  readonly style: string;
}

/** SGR: what diskd uses of it. */
const STYLES: Readonly<Record<string, string>> = { "1": "b", "90": "g" };

// deno-lint-ignore no-control-regex
const SGR = /\x1b\[([\d;]*)m/;

/** @throws {Error} if the line has a colour that is not drawn here */
function spansOf(line: string): Span[] {
  const [first = "", ...rest] = line.trimEnd().split(SGR);
  const spans: Span[] = [{ text: first, style: "" }];
  for (let i = 0; i < rest.length; i += 2) {
    const [code = "", text = ""] = rest.slice(i);
    const style = code === "0" || code === "" ? "" : STYLES[code];
    if (style === undefined) throw new Error(`Draw colour ${code}, too.`);
    spans.push({ text, style });
  }
  return spans.filter(({ text }) => text !== "");
}

function styleOf({ frames, lengthMs }: Recording): string {
  const seconds = lengthMs / 1000;
  const timings = frames.map(({ atMs }, i) => {
    const until = frames[i + 1]?.atMs ?? lengthMs;
    const [from, to] = [atMs, until].map((ms) => percent(ms / lengthMs));
    const before = from === "0" ? "" : "0%{visibility:hidden}";
    const after = to === "100" ? "" : `${to}%{visibility:hidden}`;
    return `@keyframes k${i}{${before}${from}%{visibility:visible}${after}}
#f${i}{animation-name:k${i}}
`;
  });
  return `:root{color-scheme:light dark;--w:#fff;--l:#d0d7de;--t:#1f2328;--g:#656d76;--c:#0550ae}
@media(prefers-color-scheme:dark){:root{--w:#0d1117;--l:#30363d;--t:#e6edf3;--g:#8d96a0;--c:#79c0ff}}
.w{fill:var(--w);stroke:var(--l)}.l{stroke:var(--l)}.d{fill:var(--l)}
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;fill:var(--t);white-space:pre}
.b{font-weight:700}.g{fill:var(--g)}.c{fill:var(--c)}
.f{visibility:hidden;animation:${seconds}s step-end infinite}.s{visibility:visible}
${
    timings.join("")
  }@media(prefers-reduced-motion:reduce){.f{animation:none!important}}
`;
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
