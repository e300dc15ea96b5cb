import { programArgv, programEnv } from "../support/program.ts";
import { DaemonOnLan } from "./daemon_on_lan.ts";
import { emptyProgramArgv, NO_EMPTY_PROGRAM } from "./empty_program.ts";
import { type Figure, figure, lanBenchmark } from "./figure.ts";
import { median } from "./statistics.ts";

const STARTS = 21;
const RUNS = 41;

/** Commands that are measured as whole processes, and what they may take of the time of an empty program. */
const COMMANDS = [
  { words: ["--version"], goal: 1.15 },
  { words: ["list"], goal: 1.6 },
  { words: ["where", "nothing-like-it"], goal: 1.6 },
];

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

/** Commands with a daemon that knows nothing, against a program that does nothing: all from source, or all compiled. */
export const commands = lanBenchmark("commands", async () => {
  const folder = await Deno.makeTempDir({ prefix: "diskd-bench-" });
  try {
    const empty = await emptyProgramArgv("empty", folder);
    if (empty === null) return COMMANDS.map((one) => ratio(one, []));
    await using bench = await DaemonOnLan.start();
    const socket = ["--socket", bench.socketPath];
    const figures: Figure[] = [];
    for (const one of COMMANDS) {
      const isVersion = one.words[0] === "--version";
      const argv = [...programArgv(), ...one.words, ...isVersion ? [] : socket];
      figures.push(...await compare(one, { argv, empty }));
    }
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

type Command = typeof COMMANDS[number];

async function compare(
  command: Command,
  { argv, empty }: {
    readonly argv: readonly string[];
    readonly empty: readonly string[];
  },
): Promise<Figure[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  // In turns, so that both meet the same load of the machine.
  while (ours.length < RUNS) {
    ours.push(await milliseconds(argv));
    theirs.push(await milliseconds(empty));
  }
  const base = median(theirs);
  return [
    ratio(command, ours.map((ms) => ms / base)),
    figure(`\`${nameOf(command)}\` in milliseconds`, "ms", { samples: ours }),
  ];
}

async function milliseconds(argv: readonly string[]): Promise<number> {
  const [program, ...args] = argv;
  const startMs = performance.now();
  await new Deno.Command(program!, {
    args,
    env: programEnv(),
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - startMs;
}

function nameOf({ words }: Command): string {
  return ["diskd", words[0]].join(" ");
}

function ratio(command: Command, samples: readonly number[]): Figure {
  return figure(
    `\`${nameOf(command)}\` as a whole process, against an empty program`,
    "x",
    { samples, goal: { atMost: command.goal }, note: NO_EMPTY_PROGRAM },
  );
}
