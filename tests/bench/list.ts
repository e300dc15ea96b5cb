import type { Host } from "../support/lan.ts";
import { hearAllAgain, startFullDaemon } from "./daemon_on_lan.ts";
import { type Figure, figure, lanBenchmark } from "./figure.ts";
import { type Exchange, RawControl } from "./raw_control.ts";

const ANSWER = { warmUpRuns: 20, runs: 101, runsAnew: 15 } as const;

/** 10,000 disks, from the request to the last byte of the answer, over one connection. */
export const listAnswer = lanBenchmark("list-answer", async () => {
  await using bench = await startFullDaemon();
  using control = await RawControl.connect(bench.socketPath);
  const json = await exchanges(() => control.call("list"));
  const anew: number[] = [];
  while (anew.length < ANSWER.runsAnew) {
    await hearAllAgain(bench);
    anew.push((await control.call("list")).ms);
  }
  const text = await exchanges(() => control.type("list"));
  return [
    figure("those 10,000 disks in answer to `list` on the socket", "ms", {
      samples: json,
      goal: { atMost: 5 },
      old: "5.3 ms",
    }),
    figure("the same when every host was heard again since", "ms", {
      samples: anew,
    }),
    figure("the same as text, with all columns", "ms", {
      samples: text,
      old: "5.3 ms",
    }),
  ];
});

/** What each takes, ms. */
async function exchanges(ask: () => Promise<Exchange>): Promise<number[]> {
  for (let i = 0; i < ANSWER.warmUpRuns; i++) await ask();
  const samples: number[] = [];
  while (samples.length < ANSWER.runs) samples.push((await ask()).ms);
  return samples;
}

const COMMAND_RUNS = 21;
const OUTPUT = "/run/list.txt";

/** `diskd list` of 10,000 disks into a file, from the command to its end, entering the host's namespaces included. */
export const listCommand = lanBenchmark("list-command", async () => {
  await using bench = await startFullDaemon();
  return [
    await commandFigure(bench.alpha, "diskd list"),
    await commandFigure(bench.alpha, "diskd list --json"),
  ];
});

async function commandFigure(host: Host, command: string): Promise<Figure> {
  const samples: number[] = [];
  while (samples.length < COMMAND_RUNS) {
    const startMs = performance.now();
    const { code, stderr } = await host.run(
      ["sh", "-c", `exec ${command} >${OUTPUT}`],
    );
    samples.push(performance.now() - startMs);
    if (code !== 0) throw new Error(`${command} failed:\n${stderr}`);
  }
  return figure(`\`${command}\` of them, as a whole process`, "ms", {
    samples,
    goal: { atMost: 120 },
  });
}
