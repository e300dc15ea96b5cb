import type { FollowEnd, Following, System } from "../../src/system/system.ts";

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
