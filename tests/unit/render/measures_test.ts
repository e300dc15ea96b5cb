import assert from "node:assert/strict";
import {
  formatAge,
  formatSize,
  formatSpan,
} from "../../../src/render/format.ts";
import { cutToWidth, displayWidth } from "../../../src/render/table.ts";

Deno.test("formatSize() writes sizes like lsblk", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0B"],
    [512, "512B"],
    [1024, "1K"],
    [512 * 1024 ** 2, "512M"],
    [4000787030016, "3.6T"],
    [1000204886016, "931.5G"],
    [1024 ** 2 - 1, "1M"],
    [2 ** 60, "1E"],
    [2 ** 70, "1024E"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatSize(bytes), text);
});

Deno.test("formatSpan() takes the largest unit, rounded down", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-5, "0s"],
    [999, "0s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [3_599_999, "59m"],
    [3_600_000, "1h"],
    [86_400_000, "1d"],
    [364 * 86_400_000, "364d"],
    [800 * 86_400_000, "2y"],
  ];
  for (const [ms, text] of cases) assert.equal(formatSpan(ms), text);
});

Deno.test("formatAge() bears a time from the future and one that is none", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  assert.equal(formatAge("2026-03-01T11:59:00Z", now), "1m");
  assert.equal(formatAge("2026-03-01T12:59:00Z", now), "0s");
  assert.equal(formatAge("yesterday", now), "?");
});

Deno.test("displayWidth() counts what a terminal shows", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["", 0],
    ["abc", 3],
    ["Ünï", 3],
    ["U\u0308", 1],
    ["写真", 4],
    ["💾", 2],
    ["ｱ", 1],
    ["…", 1],
  ];
  for (const [text, width] of cases) assert.equal(displayWidth(text), width);
});

Deno.test("cutToWidth() cuts between characters", () => {
  assert.equal(cutToWidth("abcdef", 6), "abcdef");
  assert.equal(cutToWidth("abcdef", 5), "abcd…");
  assert.equal(cutToWidth("写真写真", 6), "写真…");
  assert.equal(cutToWidth("💾💾💾", 4), "💾…");
  assert.equal(cutToWidth("abc", 1), "…");
  assert.equal(cutToWidth("abc", 0), "");
});
