import type { Host } from "../support/lan.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { startFullDaemon } from "./full_daemon.ts";

const RUNS = 21;
const OUTPUT = "/run/list.txt";

/** `diskd list` of 10,000 disks into a file, from the command to its end, entering the host's namespaces included. */
export const listCommand: Benchmark = {
  name: "list-command",
  needsLan: true,
  async measure() {
    await using bench = await startFullDaemon();
    return [
      await figure(bench.alpha, "diskd list"),
      await figure(bench.alpha, "diskd list --json"),
    ];
  },
};

async function figure(host: Host, command: string): Promise<Figure> {
  return {
    what: `\`${command}\` of them, as a whole process`,
    unit: "ms",
    samples: await milliseconds(host, command),
    goal: { atMost: 120 },
    old: null,
  };
}

async function milliseconds(host: Host, command: string): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < RUNS) {
    const startMs = performance.now();
    const { code, stderr } = await host.run(
      ["sh", "-c", `exec ${command} >${OUTPUT}`],
    );
    samples.push(performance.now() - startMs);
    if (code !== 0) throw new Error(`${command} failed:\n${stderr}`);
  }
  return samples;
}
