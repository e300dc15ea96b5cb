import type {
  RunOptions,
  RunOutcome,
  System,
} from "../../src/system/system.ts";

/** One call of `System.run`. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

/** Decides how a program ends. */
export type Script = (call: Call) => RunOutcome | Promise<RunOutcome>;

/** A system on which programs do what a script says, and nothing else is there. */
export function scriptedSystem(script: Script): System {
  return {
    run: async (program, args, options) =>
      await script({ program, args, options }),
    follow: () => ({
      ended: Promise.resolve({ kind: "missing" }),
      stop: () => Promise.resolve(),
    }),
    exists: () => false,
    readText: () => null,
    now: () => performance.now(),
    wallClock: () => 0,
    random: () => 0,
    hostname: () => "scripted",
    interfaces: () => [],
  };
}

/** A program that ended by itself. */
export function exited(
  { code = 0, stdout = "", stderr = "" }: {
    readonly code?: number;
    readonly stdout?: string | Uint8Array;
    readonly stderr?: string;
  },
): RunOutcome {
  const bytes = typeof stdout === "string"
    ? new TextEncoder().encode(stdout)
    : stdout;
  return { kind: "exited", code, stdout: bytes, stderr };
}
