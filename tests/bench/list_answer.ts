import { hearAllAgain, startFullDaemon } from "./full_daemon.ts";
import type { Benchmark } from "./figure.ts";
import { type Exchange, RawControl } from "./raw_control.ts";

const WARM_UP_RUNS = 20;
const RUNS = 101;
const RUNS_ANEW = 15;

/** 10,000 disks, from the request to the last byte of the answer, over one connection. */
export const listAnswer: Benchmark = {
  name: "list-answer",
  needsLan: true,
  async measure() {
    await using bench = await startFullDaemon();
    using control = await RawControl.connect(bench.socketPath);
    const json = await milliseconds(() => control.call("list"));
    const anew: number[] = [];
    while (anew.length < RUNS_ANEW) {
      await hearAllAgain(bench);
      anew.push((await control.call("list")).ms);
    }
    const text = await milliseconds(() => control.type("list"));
    return [{
      what: "those 10,000 disks in answer to `list` on the socket",
      unit: "ms",
      samples: json,
      goal: { atMost: 5 },
      old: "5.3 ms",
    }, {
      what: "the same when every host was heard again since",
      unit: "ms",
      samples: anew,
      goal: null,
      old: null,
    }, {
      what: "the same as text, with all columns",
      unit: "ms",
      samples: text,
      goal: null,
      old: "5.3 ms",
    }];
  },
};

async function milliseconds(ask: () => Promise<Exchange>): Promise<number[]> {
  for (let i = 0; i < WARM_UP_RUNS; i++) await ask();
  const samples: number[] = [];
  while (samples.length < RUNS) samples.push((await ask()).ms);
  return samples;
}
