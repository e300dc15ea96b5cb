import { DaemonOnLan } from "./daemon_on_lan.ts";
import type { Benchmark } from "./figure.ts";
import { median } from "./median.ts";

const HOSTS = 100;
const DISKS = 10;
/** Announcements a second, tried in this order until one is too fast. */
const RATES = [12_000, 16_000, 20_000, 24_000, 28_000, 32_000];
const GOAL_RATE = 20_000;
const TRIES = 7;
const SECONDS = 3;
/** A sender that is slower than this share of its rate was held up: the try tells nothing. */
const LEAST_SHARE = 0.97;

/** How many announcements a second the daemon hears, all of them. A rate counts when most tries lose nothing. */
export const loss: Benchmark = {
  name: "loss",
  needsLan: true,
  async measure() {
    await using bench = await DaemonOnLan.start();
    await lostAt(bench, RATES[0]!); // Warms it up.
    let best = 0;
    let lostAtGoal: readonly number[] | null = null;
    for (const rate of RATES) {
      const lost = await tryRate(bench, rate);
      if (rate === GOAL_RATE) lostAtGoal = lost;
      if (lost.length === 0 || median(lost) > 0) break;
      best = rate;
    }
    return [{
      what: "announcements a second without loss",
      unit: "/s",
      samples: [best],
      goal: { atLeast: GOAL_RATE },
      old: "16,000",
    }, {
      what: `lost of ${GOAL_RATE * SECONDS} announcements at ${GOAL_RATE}/s`,
      unit: "",
      samples: lostAtGoal ?? await tryRate(bench, GOAL_RATE),
      goal: null,
      old: null,
      note: "the sender was held up",
    }];
  },
};

/** How many were lost in each try. */
async function tryRate(bench: DaemonOnLan, rate: number): Promise<number[]> {
  const lost: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    const count = await lostAt(bench, rate);
    if (count !== null) lost.push(count);
  }
  return lost;
}

async function lostAt(
  bench: DaemonOnLan,
  rate: number,
): Promise<number | null> {
  const before = await bench.heard();
  const sent = await bench.send({
    hosts: HOSTS,
    disks: DISKS,
    rate,
    announcements: rate * SECONDS,
  });
  if (sent.rate < rate * LEAST_SHARE) return null;
  return sent.sent - (await bench.heard() - before);
}
