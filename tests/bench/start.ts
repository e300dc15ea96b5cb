import { DaemonOnLan } from "./daemon_on_lan.ts";
import type { Benchmark } from "./figure.ts";

const STARTS = 21;

/** From the command to the first answer, entering the host's namespaces included. */
export const start: Benchmark = {
  name: "start",
  needsLan: true,
  async measure() {
    await using bench = await DaemonOnLan.create();
    const samples: number[] = [];
    while (samples.length < STARTS) {
      samples.push(await bench.startDaemon());
      await bench.stopDaemon();
    }
    return [{
      what: "start until the socket answers",
      unit: "ms",
      samples,
      goal: { atMost: 100 },
      old: "108 ms",
    }];
  },
};
