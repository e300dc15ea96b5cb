import assert from "node:assert/strict";
import type { LabelView } from "../../../src/control/views.ts";
import {
  makeCode,
  renderCode,
  renderSticker,
} from "../../../src/render/sticker.ts";
import { renderStickerSvg } from "../../../src/render/sticker_svg.ts";
import { displayWidth } from "../../../src/render/table.ts";
import { HOSTILE_TEXTS, rawText } from "../../support/hostile_texts.ts";
import { codeInText } from "../../support/read_code.ts";
import { PLAIN } from "./rows.ts";

const UUID = "8261f666-2f3c-4b5e-9a0e-1d2c3b4a5f60";

const DISK: LabelView = {
  name: "the red one",
  label: "backup-2019",
  uuid: UUID,
  serial: "WD-WX12D65PN0XY",
  wwn: "0x50014ee2b1234567",
  model: "WDC WD40EFRX-68N32N0",
  size: 4000787030016,
  code: UUID,
};

const CODE = makeCode(UUID);

Deno.test("renderSticker() names the disk, its drive, and what it goes by", () => {
  assert.equal(
    renderSticker(DISK, PLAIN),
    "the red one\n" +
      "  label   backup-2019\n" +
      "  drive   WDC WD40EFRX-68N32N0, 3.6T\n" +
      `  uuid    ${UUID}\n` +
      "  serial  WD-WX12D65PN0XY\n" +
      "  wwn     0x50014ee2b1234567\n",
  );
});

Deno.test("renderSticker() names a blank drive by its model, once", () => {
  const blank = { ...DISK, name: null, label: null, uuid: null, code: "WD42" };
  assert.match(
    renderSticker(blank, PLAIN),
    /^WDC WD40EFRX-68N32N0\n {2}drive {3}3\.6T\n/,
  );
  const unknown = { ...blank, model: null, size: null };
  assert.match(renderSticker(unknown, PLAIN), /^WD42\n {2}serial/);
});

const SCREENS = [
  ["half blocks on paper", { utf8: true }, "paper"],
  ["half blocks on a dark terminal", { utf8: true, columns: 80 }, "dark"],
  ["ASCII on paper", {}, "paper"],
  ["ASCII on a dark terminal", { columns: 80 }, "dark"],
  ["a terminal as wide as the code", { utf8: true, columns: 31 }, "dark"],
] as const;

for (const [screen, view, on] of SCREENS) {
  Deno.test(`renderCode() draws what a decoder reads: ${screen}`, () => {
    const drawn = renderCode(CODE, { ...PLAIN, ...view })!;
    assert.equal(codeInText(drawn, { on }), UUID);
    for (const line of drawn.trimEnd().split("\n")) {
      assert(displayWidth(line) <= ({ ...PLAIN, ...view }).columns);
    }
  });
}

const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m";
// deno-lint-ignore no-control-regex
const DARK = /\x1b\[48;5;16m( +)\x1b\[48;5;231m/g;

for (const utf8 of [true, false]) {
  Deno.test(`renderCode() is black on white with colours, utf8: ${utf8}`, () => {
    const drawn = renderCode(CODE, { columns: 80, color: true, utf8 })!;
    for (const line of drawn.trimEnd().split("\n")) {
      assert(line.startsWith(BLACK_ON_WHITE) && line.endsWith("\x1b[0m"));
    }
    const inked = drawn
      .replaceAll(DARK, (_, dark: string) => "#".repeat(dark.length))
      .replaceAll(BLACK_ON_WHITE, "").replaceAll("\x1b[0m", "");
    assert.equal(codeInText(inked, { on: "paper" }), UUID);
  });
}

Deno.test("renderCode() draws nothing where it does not fit", () => {
  const view = { color: false, utf8: true };
  assert.equal(renderCode(CODE, { ...view, columns: 30 }), null);
  assert.equal(renderCode(CODE, { ...view, utf8: false, columns: 61 }), null);
  assert.notEqual(
    renderCode(CODE, { ...view, utf8: false, columns: 62 }),
    null,
  );
});

/** The texts of a picture, each with its size in mm. */
function textsOf(svg: string): { text: string; sizeMm: number; y: number }[] {
  const found = svg.matchAll(
    /<text x="29" y="([\d.]+)" font-size="([\d.]+)"[^>]*>([^<]*)<\/text>/g,
  );
  return [...found].map(([, y, size, text]) => ({
    text: text!.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&"),
    sizeMm: Number(size),
    y: Number(y),
  }));
}

function checkFits(svg: string): void {
  for (const { text, sizeMm, y } of textsOf(svg)) {
    assert(displayWidth(text) * sizeMm * 0.602 <= 31, `${text} is too wide`);
    assert(y >= sizeMm * 0.8 && y <= 28.5, `${text} is at ${y}`);
  }
}

Deno.test("renderStickerSvg() is a sticker of 62 by 29 mm with all of it", () => {
  const svg = renderStickerSvg(DISK, CODE);
  assert.match(
    svg,
    /^<svg xmlns="\S+" width="62mm" height="29mm" viewBox="0 0 62 29">/,
  );
  assert.deepEqual(textsOf(svg).map(({ text }) => text), [
    "the red one",
    "backup-2019",
    "WDC WD40EFRX-68N32N0,",
    "3.6T",
    "8261f666-2f3c-4b5e-9a0e-",
    "1d2c3b4a5f60",
    "S/N WD-WX12D65PN0XY",
  ]);
  checkFits(svg);
});

const LONG_TEXTS = {
  ...HOSTILE_TEXTS,
  "255 characters": "x".repeat(255),
  "255 wide characters": "日".repeat(255),
  "255 pairs": "😀".repeat(255),
  "right to left": "שלום עולם ".repeat(20),
  "entities": `&amp;&#60;]]>"'`,
  "lone surrogates": "a\ud800b\udc00",
};

for (const [what, text] of Object.entries(LONG_TEXTS)) {
  Deno.test(`stickers stay whole with a text that is hostile: ${what}`, () => {
    const disk = { ...DISK, name: text, label: `${text}2` };
    for (const one of [disk, { ...disk, model: text, serial: text }]) {
      const svg = renderStickerSvg(one, CODE);
      const tags = svg.match(/<[^>]*>/g)!.filter((tag) =>
        !/^<\/?(?:svg|rect|path|g|text)\b[^<>&]*>$/.test(tag)
      );
      assert.deepEqual(tags, []);
      assert.equal(svg.match(/&(?!(?:amp|lt|gt);)/g), null);
      assert.equal(rawText(svg), null);
      assert(svg.isWellFormed());
      checkFits(svg);
      assert.equal(rawText(renderSticker(one, PLAIN)), null);
    }
  });
}
