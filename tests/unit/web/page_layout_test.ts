import assert from "node:assert/strict";
import { segmentsOf, topVolumes } from "../../../src/web/page/fill.js";
import { concerns } from "../../../src/web/page/live.js";
import {
  lanesOf,
  marksOf,
  moved,
  wholeSpan,
  zoomed,
} from "../../../src/web/page/timeline.js";

// deno-lint-ignore no-explicit-any
type Made = any;

function drive(volumes: readonly object[], more: object = {}): Made {
  const plain = { type: null, label: null, mounts: [], inUse: false };
  return {
    size: 1000,
    ...plain,
    ...more,
    volumes: volumes.map((volume) => ({ ...plain, ...volume })),
  };
}

Deno.test("segmentsOf() draws volumes one after the other, in parts of their drive", () => {
  const segments = segmentsOf(drive([{ size: 500 }, { size: 250 }]));
  assert.deepEqual(segments.map(({ start, width }) => [start, width]), [
    [0, 0.5],
    [0.5, 0.25],
  ]);
});

Deno.test("segmentsOf() ends at the end of the drive, and shows the smallest volume", () => {
  const spanned = segmentsOf(drive([{ size: 900 }, { size: 3000 }]));
  const end = spanned.reduce((sum, { width }) => sum + width, 0);
  assert.ok(Math.abs(end - 1) < 1e-9);
  assert.ok(segmentsOf(drive([{ size: 0 }]))[0]!.width > 0.01);
  assert.deepEqual(segmentsOf(drive([{ size: 5 }], { size: null })), []);
});

Deno.test("topVolumes() leaves out what others lie on, and takes a whole drive", () => {
  const opened = { type: "crypto_LUKS", inUse: true, size: 900 };
  const inside = { type: "ext4", size: 890 };
  assert.deepEqual(
    topVolumes(drive([opened, inside])).map(({ type }) => type),
    [
      "ext4",
    ],
  );
  assert.equal(topVolumes(drive([opened])).length, 1);
  assert.equal(topVolumes(drive([], { type: "ext4" })).length, 1);
  assert.deepEqual(topVolumes(drive([])), []);
});

Deno.test("a list of one host is fetched again for events of that host alone", () => {
  const event: Made = { event: "moved", hostId: "aa", fromId: "bb" };
  const list = (host: string) => `/api/list.json?host=${host}&drives=1`;
  assert.ok(concerns(list("aa"), event));
  assert.ok(concerns(list("bb"), event));
  assert.ok(!concerns(list("cc"), event));
  assert.ok(concerns("/api/hosts.json", event));
  assert.ok(concerns(list("cc"), { ...event, event: "remarked" }));
});

const AT = (hours: number) => new Date(hours * 3_600_000).toISOString();
const NOW = 100 * 3_600_000;
const ROWS: Made[] = [
  { hostId: "a", uniqueHost: "alpha", from: AT(50), until: null },
  { hostId: "b", uniqueHost: "beta", from: AT(20), until: AT(40) },
  { hostId: "a", uniqueHost: "alpha", from: AT(0), until: AT(10) },
];

Deno.test("lanesOf() has a lane for each host, with its times in parts of what is shown", () => {
  const span = wholeSpan(ROWS, NOW);
  const lanes = lanesOf(ROWS, span, NOW);
  assert.deepEqual(
    lanes.map(({ host, bars }) => [
      host,
      bars.map(({ start, width }) => [start, width]),
    ]),
    [["alpha", [[0.5, 0.5], [0, 0.1]]], ["beta", [[0.2, 0.2]]]],
  );
  const late = lanesOf(ROWS, { from: NOW / 2, to: NOW }, NOW);
  assert.deepEqual(late.map(({ bars }) => bars.length), [1, 0]);
});

Deno.test("zoomed() keeps the point, a minute, and the whole", () => {
  const whole = { from: 0, to: NOW };
  const near = zoomed(whole, { factor: 0.5, at: 0.25, whole });
  assert.deepEqual(near, { from: NOW / 8, to: NOW / 8 + NOW / 2 });
  assert.deepEqual(zoomed(near, { factor: 100, whole }), whole);
  const least = zoomed(whole, { factor: 1e-12, whole });
  assert.equal(least.to - least.from, 60_000);
  assert.deepEqual(moved(near, -9, whole), { from: 0, to: NOW / 2 });
  assert.deepEqual(moved(near, 9, whole), { from: NOW / 2, to: NOW });
});

Deno.test("marksOf() has as many marks as fit, within what is shown", () => {
  for (const hours of [0.02, 1, 30, 800, 9_000, 90_000]) {
    const marks = marksOf({ from: NOW, to: NOW + hours * 3_600_000 }, 6);
    assert.ok(marks.length > 0 && marks.length <= 7, `${hours}`);
    assert.ok(marks.every(({ at }) => at >= 0 && at <= 1));
  }
});

Deno.test("topVolumes() keeps what is on a drive of its own label, mounted or not in use", () => {
  assert.equal(topVolumes(drive([], { label: "photos" })).length, 1);
  const inside = { type: "ext4", size: 890 };
  for (
    const kept of [
      { type: "crypto_LUKS", inUse: false },
      { type: "zfs_member", inUse: true, mounts: ["/pool"] },
    ]
  ) {
    assert.equal(topVolumes(drive([kept, inside])).length, 2);
  }
});

Deno.test("lanesOf() draws what lasts until now, and no bar beyond what is shown", () => {
  const early = { from: 0, to: 60 * 3_600_000 };
  const [alpha] = lanesOf(ROWS, early, NOW);
  assert.deepEqual(
    alpha!.bars.map(({ start, width }) => Math.round((start + width) * 60)),
    [60, 10],
  );
  const later = lanesOf(ROWS, { from: 0, to: 2 * NOW }, NOW);
  assert.equal(later[0]!.bars[0]!.width, 0.25);
});

Deno.test("wholeSpan() is a minute at least, also before anything was seen", () => {
  assert.deepEqual(wholeSpan([], NOW), { from: NOW - 60_000, to: NOW });
});

Deno.test("marksOf() follows the reader's clock, also when it was put forward or back", () => {
  const before = Deno.env.get("TZ");
  Deno.env.set("TZ", "Europe/Berlin");
  try {
    const texts = (from: string, to: string) =>
      marksOf({ from: Date.parse(from), to: Date.parse(to) }, 6)
        .map(({ text }) => text);
    assert.deepEqual(texts("2027-03-26T12:00Z", "2027-03-30T12:00Z"), [
      "27 Mar",
      "28 Mar",
      "29 Mar",
      "30 Mar",
    ]);
    assert.deepEqual(texts("2026-10-23T16:00Z", "2026-10-26T02:00Z"), [
      "24 Oct",
      "12:00",
      "25 Oct",
      "12:00",
      "26 Oct",
    ]);
    assert.deepEqual(texts("2026-11-22T15:30Z", "2026-11-23T06:30Z"), [
      "18:00",
      "21:00",
      "23 Nov",
      "03:00",
      "06:00",
    ]);
    Deno.env.set("TZ", "Asia/Kolkata");
    assert.deepEqual(texts("2026-11-22T10:10Z", "2026-11-22T12:10Z"), [
      "16:00",
      "16:30",
      "17:00",
      "17:30",
    ]);
    assert.deepEqual(texts("2026-11-22T10:10Z", "2026-11-22T13:10Z"), [
      "16:00",
      "16:30",
      "17:00",
      "17:30",
      "18:00",
      "18:30",
    ]);
    assert.deepEqual(texts("2026-11-22T10:10Z", "2026-11-22T14:10Z"), [
      "16:00",
      "17:00",
      "18:00",
      "19:00",
    ]);
    assert.match(
      texts("2020-01-01T00:00Z", "2026-01-01T00:00Z")[0]!,
      / 20\d\d$/,
    );
  } finally {
    if (before === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", before);
  }
});
