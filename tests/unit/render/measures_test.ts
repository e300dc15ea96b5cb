import assert from "node:assert/strict";
import {
  durationSince,
  formatAge,
  formatMoment,
  formatSize,
  formatSpan,
  formatStamp,
  sayDuration,
  UTC,
  zonesOf,
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

Deno.test("sayDuration() is a duration in words", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-5, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [3_600_000, "1 h"],
    [86_400_000, "1 day"],
    [400 * 86_400_000, "400 days"],
  ];
  for (const [ms, text] of cases) assert.equal(sayDuration(ms), text);
  assert.equal(durationSince("yesterday", 0), "?");
});

Deno.test("formatMoment() is a time by the reader's clock, and as near as it can say", () => {
  const now = Date.parse("2026-03-01T00:30:00Z");
  const said = (time: string, minutes?: number) =>
    formatMoment(time, {
      now,
      zone: minutes === undefined ? UTC : { offsetAt: () => minutes },
    });
  assert.equal(said("2026-03-01T00:10:59Z"), "today 00:10Z");
  assert.equal(said("2026-02-28T23:10:00Z"), "yesterday 23:10Z");
  assert.equal(said("2026-02-28T23:10:00Z", 60), "today 00:10");
  assert.equal(said("2026-02-26T23:10:00Z", -90), "Thu 26 Feb 21:40");
  assert.equal(said("2025-12-31T23:10:00Z"), "Wed 31 Dec 2025 23:10Z");
  assert.equal(said("2025-12-31T23:10:00Z", 60), "Thu 01 Jan 00:10");
  assert.equal(said("soon"), "?");
});

Deno.test("formatMoment() uses the offset of that time, as in summer", () => {
  const summer = Date.parse("2026-07-01T00:00:00Z");
  const zone = { offsetAt: (ms: number) => ms < summer ? 60 : 120 };
  const view = { now: summer + 86_400_000 * 60, zone };
  assert.equal(formatMoment("2026-07-02T10:00:00Z", view), "Thu 02 Jul 12:00");
  assert.equal(formatMoment("2026-06-02T10:00:00Z", view), "Tue 02 Jun 11:00");
});

Deno.test("zonesOf() names each offset once", () => {
  const offsets = [0, 60, -210, 345, 60];
  const times = offsets.map((_, index) => new Date(index).toISOString());
  const zone = { offsetAt: (ms: number) => offsets[ms]! };
  assert.equal(
    zonesOf([...times, "never"], { zone }),
    "UTC, UTC+1, UTC-3:30, UTC+5:45",
  );
});

Deno.test("formatStamp() has seconds where they matter, and the year of old times", () => {
  const view = { now: Date.parse("2026-03-01T12:00:00Z"), zone: UTC };
  const said = (time: string, seconds = false) =>
    formatStamp(time, { view, seconds });
  assert.equal(said("2026-02-01T10:11:12Z"), "01 Feb 10:11");
  assert.equal(said("2026-02-01T10:11:12Z", true), "01 Feb 10:11:12");
  assert.equal(said("2025-02-01T10:11:12Z"), "01 Feb  2025");
  assert.equal(said("2025-02-01T10:11:12Z", true), "01 Feb 2025 10:11:12");
  assert.equal(said("soon"), "?");
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
