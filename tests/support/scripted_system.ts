import { FakeFolders } from "./fake_folders.ts";
import type {
  AttendOutcome,
  HandedOverOutcome,
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
    attend: async (program, args, { maxOutputBytes }) =>
      attended(
        await script({
          program,
          args,
          options: { timeoutMs: Infinity, maxOutputBytes },
        }),
      ),
    handOver: async (program, args) =>
      handedOver(
        await script({ program, args, options: { timeoutMs: Infinity } }),
      ),
    follow: () => ({
      ended: Promise.resolve({ kind: "missing" }),
      stop: () => Promise.resolve(),
    }),
    folders: new FakeFolders(),
    privateFile: () => ({ path: "/tmp/private", remove() {} }),
    exists: () => false,
    readText: () => null,
    now: () => performance.now(),
    wallClock: () => 0,
    random: () => 0,
    hostname: () => "scripted",
    interfaces: () => [],
  };
}

/** What is left for whoever attends: standard error went by, and nobody set a time. */
function attended(outcome: RunOutcome): AttendOutcome {
  if (outcome.kind === "timeout") throw new Error("attend() has no timeout");
  if (outcome.kind !== "exited") return outcome;
  const { kind, code, stdout } = outcome;
  return { kind, code, stdout };
}

/** The same, and its output went by as well. */
function handedOver(outcome: RunOutcome): HandedOverOutcome {
  if (outcome.kind === "exited") return { kind: "exited", code: outcome.code };
  if (outcome.kind === "missing" || outcome.kind === "denied") return outcome;
  throw new Error(`handOver() has no ${outcome.kind}`);
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
