import { equal } from "node:assert/strict";
import { type Figure, verdict } from "../../bench/figure.ts";
import { reportJson, reportTable } from "../../bench/report.ts";

const START: Figure = {
  what: "start",
  unit: "ms",
  samples: [120, 90, 110],
  goal: { atMost: 100 },
  old: "108 ms",
};
const RATE: Figure = {
  what: "rate",
  unit: "/s",
  samples: [24_000],
  goal: { atLeast: 20_000 },
  old: null,
};

Deno.test("verdict() says by how much a goal was missed, either way", () => {
  equal(verdict(START), "missed by 10.0 %");
  equal(verdict({ ...RATE, samples: [15_000] }), "missed by 25.0 %");
  equal(verdict({ ...START, goal: { atMost: 0 } }), "missed by 110");
});

Deno.test("verdict() takes a goal that is just reached as met", () => {
  equal(verdict({ ...START, samples: [100] }), "met");
  equal(verdict({ ...RATE, samples: [20_000] }), "met");
});

Deno.test("verdict() says nothing without a goal, and why without samples", () => {
  equal(verdict({ ...START, goal: null }), "");
  equal(
    verdict({ ...START, samples: [], note: "no compiler" }),
    "not measured: no compiler",
  );
});

Deno.test("reportTable() aligns medians, goals and what 0.01 did", () => {
  equal(
    reportTable([
      START,
      RATE,
      { ...START, unit: "us", samples: [4.321], goal: null, old: null },
      { ...START, unit: "x", samples: [], note: "why" },
    ]),
    `| what  | measured | goal        | 0.01   |                   |
| ----- | -------- | ----------- | ------ | ----------------- |
| start | 110 ms   | <= 100 ms   | 108 ms | missed by 10.0 %  |
| rate  | 24,000/s | >= 20,000/s |        | met               |
| start | 4.32 us  |             |        |                   |
| start | -        | <= 100 x    | 108 ms | not measured: why |
`,
  );
});

Deno.test("reportJson() has every sample, the median and the verdict", () => {
  const report = JSON.parse(reportJson([START], { version: "1" }));
  equal(report.version, "1");
  equal(report.figures[0].median, 110);
  equal(report.figures[0].samples.length, 3);
  equal(report.figures[0].verdict, "missed by 10.0 %");
  equal(
    JSON.parse(reportJson([{ ...START, samples: [] }], {})).figures[0].median,
    null,
  );
});
