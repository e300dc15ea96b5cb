import { DaemonOnLan, pause } from "./daemon_on_lan.ts";
import { type Figure, figure, lanBenchmark } from "./figure.ts";
import { cpuSeconds } from "./process_figures.ts";
import { median } from "./statistics.ts";

/** Whom the daemon hears. */
const LAN = { hosts: 100, disks: 10 } as const;

const CPU = { warmUpSeconds: 10, samples: 5, sampleSeconds: 5 } as const;

/** CPU of the whole daemon an announcement. What it uses when nothing arrives is not subtracted. */
export const cpu = lanBenchmark("cpu", async () => {
  await using bench = await DaemonOnLan.start();
  return [
    await cpuAt(bench, 50),
    await cpuAt(bench, 500),
  ];
});

/** All hosts together send no more than 50 a second at rest, and 500 at most. */
async function cpuAt(bench: DaemonOnLan, rate: number): Promise<Figure> {
  const samples = await microsecondsAt(bench, rate);
  return figure(
    `CPU of the live daemon an announcement of 10 disks, at ${rate}/s`,
    "us",
    { samples, old: "32 to 71 us" },
  );
}

async function microsecondsAt(
  bench: DaemonOnLan,
  rate: number,
): Promise<number[]> {
  const seconds = CPU.warmUpSeconds + (CPU.samples + 1) * CPU.sampleSeconds;
  const sending = bench.send({ ...LAN, rate, announcements: rate * seconds });
  const pid = await bench.pid();
  await pause(CPU.warmUpSeconds * 1000);
  const samples: number[] = [];
  while (samples.length < CPU.samples) {
    const [cpuBefore, heardBefore] = [cpuSeconds(pid), await bench.heard()];
    await pause(CPU.sampleSeconds * 1000);
    const [cpuAfter, heardAfter] = [cpuSeconds(pid), await bench.heard()];
    samples.push((cpuAfter - cpuBefore) * 1e6 / (heardAfter - heardBefore));
  }
  await sending;
  return samples;
}

const LOSS = {
  /** Announcements a second, tried in this order until one is too fast. */
  rates: [12_000, 16_000, 20_000, 24_000, 28_000, 32_000],
  goalRate: 20_000,
  tries: 7,
  seconds: 3,
  /** A sender that is slower than this share of its rate was held up: the try tells nothing. */
  leastShare: 0.97,
} as const;

/** How many announcements a second the daemon hears, all of them. A rate counts when most tries lose nothing. */
export const loss = lanBenchmark("loss", async () => {
  await using bench = await DaemonOnLan.start();
  await lostAt(bench, LOSS.rates[0]); // Warms it up.
  let best = 0;
  let lostAtGoal: readonly number[] | null = null;
  for (const rate of LOSS.rates) {
    const lost = await tryRate(bench, rate);
    if (rate === LOSS.goalRate) lostAtGoal = lost;
    if (lost.length === 0 || median(lost) > 0) break;
    best = rate;
  }
  const sent = `${LOSS.goalRate * LOSS.seconds} announcements`;
  return [
    figure("announcements a second without loss", "/s", {
      samples: [best],
      goal: { atLeast: LOSS.goalRate },
      old: "16,000",
    }),
    figure(`lost of ${sent} at ${LOSS.goalRate}/s`, "", {
      samples: lostAtGoal ?? await tryRate(bench, LOSS.goalRate),
      note: "the sender was held up",
    }),
  ];
});

/** How many were lost in each try. */
async function tryRate(bench: DaemonOnLan, rate: number): Promise<number[]> {
  const lost: number[] = [];
  for (let i = 0; i < LOSS.tries; i++) {
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
  const announcements = rate * LOSS.seconds;
  const sent = await bench.send({ ...LAN, rate, announcements });
  if (sent.rate < rate * LOSS.leastShare) return null;
  return sent.sent - (await bench.heard() - before);
}

const LARGE = { tries: 100, disks: 1_000, rate: 200, seconds: 60 } as const;

/** Whether a list of many parts arrives whole, said once, while others speak. */
export const largeHost = lanBenchmark("large-host", async () => {
  await using bench = await DaemonOnLan.start();
  const { tries, disks, rate, seconds } = LARGE;
  const others = bench.send({ ...LAN, rate, announcements: rate * seconds });
  await bench.sendLargeHosts(tries, disks);
  await using client = await bench.connect();
  const hosts = await client.call("hosts", {});
  await others;
  return [
    figure(
      "a host with 1,000 disks heard whole by a busy daemon, at the first try",
      "of 100",
      {
        samples: [hosts.filter((host) => host.disks === disks).length],
        goal: { atLeast: tries },
        old: "never (1,500 bytes)",
      },
    ),
  ];
});
