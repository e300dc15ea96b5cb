import { programArgv, programEnv, PROJECT } from "../support/program.ts";
import { DaemonOnLan } from "./daemon_on_lan.ts";
import { type Benchmark, type Figure, figure, lanBenchmark } from "./figure.ts";
import { median } from "./statistics.ts";

const STARTS = 21;
const RUNS = 41;
const EMPTY = `${PROJECT}/tests/bench/empty.ts`;

/** From the command to the first answer, entering the host's namespaces included. */
export const start = lanBenchmark("start", async () => {
  await using bench = await DaemonOnLan.create();
  const samples: number[] = [];
  while (samples.length < STARTS) {
    samples.push(await bench.startDaemon());
    await bench.stopDaemon();
  }
  return [
    figure("start until the socket answers", "ms", {
      samples,
      goal: { atMost: 100 },
      old: "108 ms",
    }),
  ];
});

/** `diskd --version` against a program that does nothing: both from source, or both compiled. */
export const versionCommand: Benchmark = {
  name: "version",
  needsLan: false,
  async measure() {
    const folder = await Deno.makeTempDir({ prefix: "diskd-bench-" });
    try {
      const empty = await emptyProgram(`${folder}/empty`);
      return empty === null ? [ratio([])] : await compare(empty);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

async function compare(empty: readonly string[]): Promise<Figure[]> {
  const version = [...programArgv(), "--version"];
  const ours: number[] = [];
  const theirs: number[] = [];
  // In turns, so that both meet the same load of the machine.
  while (ours.length < RUNS) {
    ours.push(await milliseconds(version));
    theirs.push(await milliseconds(empty));
  }
  const base = median(theirs);
  return [
    ratio(ours.map((ms) => ms / base)),
    figure("that in milliseconds", "ms", { samples: ours }),
    figure("the empty program in milliseconds", "ms", { samples: theirs }),
  ];
}

/** Compiled when diskd is. `null` where that cannot be done. */
async function emptyProgram(path: string): Promise<string[] | null> {
  if (!Deno.env.get("DISKD_BIN")) {
    return [Deno.execPath(), "run", "--quiet", "--no-prompt", EMPTY];
  }
  const deno = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();
  const { success } = await new Deno.Command(deno, {
    args: ["compile", "--quiet", "--output", path, EMPTY],
    stderr: "inherit",
  }).output();
  return success ? [path] : null;
}

async function milliseconds(argv: readonly string[]): Promise<number> {
  const [program, ...args] = argv;
  const startMs = performance.now();
  const { success } = await new Deno.Command(program!, {
    args,
    env: programEnv(),
    stdout: "null",
  }).output();
  if (!success) throw new Error(`${argv.join(" ")} failed.`);
  return performance.now() - startMs;
}

function ratio(samples: readonly number[]): Figure {
  return figure(
    "`diskd --version` as a whole process, against an empty Deno program",
    "x",
    {
      samples,
      goal: { atMost: 1.5 },
      note: "DENO_COMPILE may name a Deno that can compile the empty program",
    },
  );
}
