import assert from "node:assert/strict";
import { renderTimelines } from "../../../src/render/timeline.ts";
import { NOW, PLAIN, sightingRow } from "./rows.ts";

const VIEW = { ...PLAIN, columns: 47 };
const HOUR_MS = 3_600_000;

/** A sighting from so many hours ago until so many; `null`: it is there. */
function span(
  host: string,
  from: number,
  until: number | null,
  known: Parameters<typeof sightingRow>[0] = {},
) {
  const at = (hours: number) => new Date(NOW - hours * HOUR_MS).toISOString();
  return sightingRow({
    host,
    hostId: host,
    from: at(from),
    until: until === null ? null : at(until),
    state: until === null ? "attached" : "detached",
    ...known,
  });
}

const WANDERER = [
  span("beta", 10, null),
  span("alpha", 20, 10),
  span("gamma", 30, 25),
  span("alpha", 40, 30),
];

Deno.test("renderTimelines() shows a disk that wanders, the first host first", () => {
  assert.equal(
    renderTimelines(WANDERER, VIEW),
    `\
           28 Feb      12:00       01 Mar
alpha  ##########          ##########
gamma            #####
beta                                 ##########
`,
  );
});

Deno.test("renderTimelines() draws blocks for a terminal that shows them, and local hours", () => {
  const zone = { offsetAt: () => -120 };
  assert.equal(
    renderTimelines(WANDERER, { ...VIEW, utf8: true, zone }),
    `\
             28 Feb      12:00       01 Mar
alpha  ██████████          ██████████
gamma            █████
beta                                 ██████████
`,
  );
});

Deno.test("renderTimelines() shows with a question mark what nobody knows, and a moment as a column", () => {
  const rows = [
    span("silent", 20, 10, { state: "stale" }),
    span("short", 40, 40),
  ];
  assert.equal(
    renderTimelines(rows, { ...VIEW, columns: 48 }),
    `\
            28 Feb      12:00       01 Mar
short   #
silent                      ##########??????????
`,
  );
});

Deno.test("renderTimelines() marks days, months and years as the room allows", () => {
  const axis = (days: number, columns = 60) =>
    renderTimelines([span("a", 24 * days, null)], { ...VIEW, columns })
      .split("\n")[0]!.trim().replace(/ {2,}/g, " | ");
  assert.equal(axis(1 / 24), "11:00 | 11:10 | 11:20 | 11:30 | 11:40 | 11:50");
  assert.equal(
    axis(4),
    "26 Feb | 27 Feb | 28 Feb | 01 Mar",
  );
  assert.equal(axis(20), "12 Feb | 19 Feb | 26 Feb");
  assert.equal(axis(150), "Nov | Dec | 2026 | Feb");
  assert.equal(
    axis(1000),
    "2024 | 2025 | 2026",
  );
});

Deno.test("renderTimelines() has no axis for some seconds", () => {
  const text = renderTimelines([span("a", 0.004, null)], VIEW);
  assert.match(text, /^a {2}#+\n$/);
});

Deno.test("renderTimelines() keeps disks apart by what tells them, and not by label", () => {
  const uuids = ["1", "2"].map((uuid_sub) => span("alpha", 4, 2, { uuid_sub }));
  const bare = { uuid: null, label: null };
  const text = renderTimelines([
    ...uuids,
    span("alpha", 4, 2, { uuid: "other", label: "a\nb" }),
    span("alpha", 4, 2, bare),
    span("beta", 4, 2, { ...bare, device: "/dev/sdx" }),
    span("beta", 2, 1, { uuid: null }),
    span("alpha", 4, 2, { uuid: null }),
  ], VIEW);
  assert.deepEqual(
    text.split("\n").filter((line) => /^\S+$/.test(line)),
    [
      "backup-2019",
      "backup-2019",
      "a\\x0ab",
      "/dev/sdb1",
      "/dev/sdx",
      "backup-2019",
    ],
  );
});

Deno.test("renderTimelines() fits the terminal, and is left out where there is no room", () => {
  const name = "a-host-with-quite-a-long-name\u{1f600}";
  for (const columns of [20, 40, 80, 300]) {
    const text = renderTimelines([span(name, 4, 2)], { ...VIEW, columns });
    const widths = text.split("\n").map((line) => [...line].length);
    assert.ok(Math.max(...widths) <= columns, text);
    assert.match(text, /#/);
  }
  assert.equal(
    renderTimelines([span(name, 4, 2)], { ...VIEW, columns: 12 }),
    "",
  );
  assert.equal(renderTimelines([], VIEW), "");
});

Deno.test("renderTimelines() says how many disks it leaves out", () => {
  const rows = Array.from(
    { length: 12 },
    (_, index) => span("alpha", 4, 2, { uuid: `${index}` }),
  );
  assert.match(renderTimelines(rows, VIEW), /^\.\.\. and 2 more disks$/m);
});
