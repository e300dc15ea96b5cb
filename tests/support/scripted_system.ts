import type {
  AttendOutcome,
  FollowEnd,
  Following,
  HandedOverOutcome,
  RunOptions,
  RunOutcome,
  System,
} from "../../src/system/system.ts";
import { FakeFolders } from "./scripted_mounts.ts";

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
    hold: async (program, args, { onLine }) => {
      const options = { timeoutMs: Infinity };
      const outcome = await script({ program, args, options });
      const text = outcome.kind === "exited"
        ? new TextDecoder().decode(outcome.stdout)
        : "";
      text.split("\n").forEach(onLine);
      return handedOver(outcome);
    },
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
    uptime: () => 0,
    random: () => 0,
    hostname: () => "scripted",
    lookUp: () => Promise.resolve([]),
    accepts: () => Promise.resolve(false),
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

/** One start of a program that goes on, as the test drives it. */
export interface ScriptedProgram {
  readonly program: string;
  readonly args: readonly string[];
  print(...lines: readonly string[]): void;
  end(how: FollowEnd): void;
}

/** The end of a program that ended by itself. */
export function endedWith(code: number, stderr = ""): FollowEnd {
  return { kind: "exited", code, stderr };
}

/** Programs that go on, of which a test says what they print and when they end. */
export class ScriptedPrograms {
  /** Every start, in order. */
  readonly starts: ScriptedProgram[] = [];
  /** How those end at once that are not started at all. */
  readonly absent = new Map<string, FollowEnd>();
  readonly #running = new Map<string, ScriptedProgram>();

  /** As `System.follow`. */
  readonly follow: System["follow"] = (program, args, onLine): Following => {
    const { promise, resolve } = Promise.withResolvers<FollowEnd>();
    const scripted: ScriptedProgram = {
      program,
      args,
      print: (...lines) => lines.forEach((line) => onLine(line)),
      end: (how) => {
        this.#running.delete(program);
        resolve(how);
      },
    };
    this.starts.push(scripted);
    this.#running.set(program, scripted);
    const absence = this.absent.get(program);
    if (absence) scripted.end(absence);
    const stop = () => Promise.resolve(scripted.end(endedWith(143)));
    return { ended: promise, stop };
  };

  /** Names of those that run now. */
  get running(): string[] {
    return [...this.#running.keys()];
  }

  /** The one of that name that runs now. */
  the(program: string): ScriptedProgram {
    const running = this.#running.get(program);
    if (running) return running;
    throw new Error(`${program} does not run, only ${this.running}.`);
  }
}
