import { COSTLY, type Flood, KINDS } from "../support/floods.ts";
import { type FloodFigures, LoadSite } from "../support/load_site.ts";
import { type Figure, figure, lanBenchmark } from "./figure.ts";

const SECONDS = 60;
/** Made ahead; then they are said again, those that were not verified as news. */
const MOST_MADE = 100_000;
/** A host speaks as often as diskd does by default. */
const CROWD = { speakMs: 30_000, everySeconds: 30 };

/** Hostile datagrams beside a hundred honest hosts: each kind as fast as it goes, and what is costly at its rate and at ten times it. */
export const floods = lanBenchmark("floods", async () => {
  const figures: Figure[] = [];
  for (const [name, flood] of floodsAtRates()) {
    await using site = await LoadSite.start(CROWD);
    const { rate, datagrams } = flood;
    const made = datagrams(site, Math.min(MOST_MADE, rate * SECONDS));
    const measured = await site.flood({
      datagrams: made,
      rate,
      seconds: SECONDS,
    });
    console.error(`    ${name}: ${JSON.stringify(measured)}`);
    figures.push(...figuresOf(name, measured));
  }
  return figures;
});

function floodsAtRates(): [name: string, flood: Flood][] {
  return [
    ...Object.entries(KINDS),
    ...Object.entries(COSTLY).flatMap(([name, flood]) =>
      [1, 10].map((times): [string, Flood] => {
        const rate = flood.rate * times;
        return [`${name}, ${rate.toLocaleString("en")}/s`, { ...flood, rate }];
      })
    ),
  ];
}

function figuresOf(name: string, measured: FloodFigures): Figure[] {
  const one = (value: number) => ({ samples: [value] });
  const { missed, megabytesBefore, megabytesPeak } = measured;
  return [
    figure(`${name}: honest hosts that were missed`, "", {
      ...one(Object.keys(missed).length),
      goal: { atMost: 0 },
    }),
    figure(`${name}: where, p99`, "ms", {
      ...one(measured.p99Ms),
      goal: { atMost: 100 },
    }),
    figure(`${name}: CPU`, "of 100", one(measured.cpuShare)),
    figure(`${name}: memory before`, "MB", one(megabytesBefore)),
    figure(`${name}: memory, peak`, "MB", one(megabytesPeak)),
    figure(`${name}: bytes written for each received`, "x", {
      ...one(measured.writtenBytes / measured.receivedBytes),
      goal: { atMost: 4 },
    }),
    figure(`${name}: datagrams read`, "of 100", one(measured.readShare)),
  ];
}
