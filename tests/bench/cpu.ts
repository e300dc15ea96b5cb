import { DaemonOnLan, pause } from "./daemon_on_lan.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { cpuSeconds } from "./process_figures.ts";

const HOSTS = 100;
const DISKS = 10;
const WARM_UP_SECONDS = 10;
const SAMPLES = 5;
const SAMPLE_SECONDS = 5;

/** CPU of the whole daemon an announcement. What it uses when nothing arrives is not subtracted. */
export const cpu: Benchmark = {
  name: "cpu",
  needsLan: true,
  async measure() {
    await using bench = await DaemonOnLan.start();
    return [
      await figure(bench, { rate: 4_000, atMost: 48, old: "48 to 71 us" }),
      await figure(bench, { rate: 16_000, atMost: 30, old: "32 to 42 us" }),
    ];
  },
};

async function figure(
  bench: DaemonOnLan,
  { rate, atMost, old }: { rate: number; atMost: number; old: string },
): Promise<Figure> {
  return {
    what: `CPU of the live daemon an announcement of 10 disks, at ${
      rate.toLocaleString("en")
    }/s`,
    unit: "us",
    samples: await microsecondsAt(bench, rate),
    goal: { atMost },
    old,
  };
}

async function microsecondsAt(
  bench: DaemonOnLan,
  rate: number,
): Promise<number[]> {
  const seconds = WARM_UP_SECONDS + (SAMPLES + 1) * SAMPLE_SECONDS;
  const announcements = rate * seconds;
  const sending = bench.send({
    hosts: HOSTS,
    disks: DISKS,
    rate,
    announcements,
  });
  const pid = await bench.pid();
  await pause(WARM_UP_SECONDS * 1000);
  const samples: number[] = [];
  while (samples.length < SAMPLES) {
    const [cpuBefore, heardBefore] = [cpuSeconds(pid), await bench.heard()];
    await pause(SAMPLE_SECONDS * 1000);
    const [cpuAfter, heardAfter] = [cpuSeconds(pid), await bench.heard()];
    samples.push((cpuAfter - cpuBefore) * 1e6 / (heardAfter - heardBefore));
  }
  await sending;
  return samples;
}
