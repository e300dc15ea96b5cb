import { Process } from "../support/process.ts";
import { programEnv } from "../support/program.ts";
import { DaemonOnLan, pause } from "./daemon_on_lan.ts";
import { emptyProgramArgv, NO_EMPTY_PROGRAM } from "./empty_program.ts";
import { type Figure, figure, lanBenchmark } from "./figure.ts";
import { type Memory, memoryOf } from "./process_figures.ts";
import { median } from "./statistics.ts";

const ROUNDS = 3;
const REST_MS = 5_000;
/** No faster than it verifies what strangers sign. */
const LOAD = { hosts: 1_000, disks: 10, rate: 100, announcements: 6_000 };

/** What may be taken of what the empty program takes. */
const GOALS = {
  alone: { resident: 1.25, anonymous: 1.5 },
  full: { resident: 1.8, anonymous: 3 },
};

/**
 * What the daemon keeps in memory, alone and on a large LAN, beside a program
 * of the same runtime with the same sockets and an open database, that does
 * nothing. Resident memory is mostly the runtime itself, which the kernel can
 * drop and share; anonymous memory cannot be dropped.
 */
export const memory = lanBenchmark("memory", async () => {
  const folder = await Deno.makeTempDir({ prefix: "diskd-bench-" });
  try {
    const empty = await emptyProgramArgv("resting", folder);
    const base: Memory[] = [];
    const alone: Memory[] = [];
    const full: Memory[] = [];
    while (alone.length < ROUNDS) {
      if (empty !== null) base.push(await restingMemory(empty, folder));
      await using bench = await DaemonOnLan.start();
      const pid = await bench.pid();
      await pause(REST_MS);
      alone.push(memoryOf(pid));
      await bench.send(LOAD);
      await pause(REST_MS);
      full.push(memoryOf(pid));
    }
    return [
      ...figuresOf(
        "memory of an empty program with sockets and database",
        base,
      ),
      ...figuresOf("memory, alone", alone, { base, goals: GOALS.alone }),
      ...figuresOf(
        "memory, with 1,000 hosts of 10 disks, after 6,000 announcements",
        full,
        { base, goals: GOALS.full },
      ),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function restingMemory(
  argv: readonly string[],
  folder: string,
): Promise<Memory> {
  const own = await Deno.makeTempDir({ dir: folder });
  await using program = new Process([...argv, own], { env: programEnv() });
  await program.waitForLog(/ready/);
  await pause(REST_MS);
  return memoryOf(await program.pid());
}

function figuresOf(
  what: string,
  samples: readonly Memory[],
  compared?: {
    readonly base: readonly Memory[];
    readonly goals: Memory;
  },
): Figure[] {
  return (["resident", "anonymous"] as const).flatMap((kind) => {
    const ours = samples.map((one) => one[kind]);
    const megabytes = figure(`${what}: ${kind}`, "MB", { samples: ours });
    if (compared === undefined) return [megabytes];
    const base = median(compared.base.map((one) => one[kind]));
    const ratio = figure(`${what}: ${kind}, against the empty program`, "x", {
      samples: compared.base.length === 0 ? [] : ours.map((one) => one / base),
      goal: { atMost: compared.goals[kind] },
      note: NO_EMPTY_PROGRAM,
    });
    return [megabytes, ratio];
  });
}
