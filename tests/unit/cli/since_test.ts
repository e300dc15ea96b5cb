import assert from "node:assert/strict";
import { parseSince } from "../../../src/cli/history.ts";
import { UTC } from "../../../src/render/format.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

Deno.test("parseSince() reads how long ago, and dates", () => {
  const cases: Record<string, string> = {
    "30s": "2026-03-01T11:59:30.000Z",
    "90m": "2026-03-01T10:30:00.000Z",
    "12h": "2026-03-01T00:00:00.000Z",
    "2d": "2026-02-27T12:00:00.000Z",
    "1.5d": "2026-02-28T00:00:00.000Z",
    "3w": "2026-02-08T12:00:00.000Z",
    "2026-01-31": "2026-01-31T00:00:00.000Z",
    "2026-01-31T12:00:00Z": "2026-01-31T12:00:00.000Z",
    "2026-01-31T12:00:00+02:00": "2026-01-31T10:00:00.000Z",
    "9999999w": "1970-01-01T00:00:00.000Z",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.equal(
      parseSince(text, { now: NOW, zone: UTC }),
      Date.parse(expected),
      text,
    );
  }
});

Deno.test("parseSince() takes a date for a day by the reader's clock", () => {
  const zone = { offsetAt: () => 90 };
  const read = (text: string) => parseSince(text, { now: NOW, zone });
  assert.equal(read("2026-01-31"), Date.parse("2026-01-30T22:30:00Z"));
  assert.equal(
    read("2026-01-31T12:00:00Z"),
    Date.parse("2026-01-31T12:00:00Z"),
  );
});

Deno.test("parseSince() refuses what is no time", () => {
  for (
    const text of [
      "",
      "2",
      "2y",
      "-2d",
      "yesterday",
      "2026-13-01",
      "2026-1-1",
      "2026-01-31T12:00:00",
      "31.01.2026",
    ]
  ) {
    assert.equal(parseSince(text, { now: NOW, zone: UTC }), null, text);
  }
});
