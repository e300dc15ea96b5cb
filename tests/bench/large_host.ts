import { DaemonOnLan } from "./daemon_on_lan.ts";
import type { Benchmark } from "./figure.ts";

const TRIES = 100;
const DISKS = 1_000;
const BUSY_RATE = 4_000;
const BUSY_SECONDS = 40;

/** Whether a list of many parts arrives whole, said once, while others speak. */
export const largeHost: Benchmark = {
  name: "large-host",
  needsLan: true,
  async measure() {
    await using bench = await DaemonOnLan.start();
    const others = bench.send({
      hosts: 100,
      disks: 10,
      rate: BUSY_RATE,
      announcements: BUSY_RATE * BUSY_SECONDS,
    });
    await bench.sendLargeHosts(TRIES, DISKS);
    const whole = await countWhole(bench);
    await others;
    return [{
      what:
        "a host with 1,000 disks heard whole by a busy daemon, at the first try",
      unit: "of 100",
      samples: [whole],
      goal: { atLeast: TRIES },
      old: "never (1,500 bytes)",
    }];
  },
};

async function countWhole(bench: DaemonOnLan): Promise<number> {
  await using client = await bench.connect();
  const hosts = await client.call("hosts", {});
  return hosts.filter(({ disks }) => disks === DISKS).length;
}
