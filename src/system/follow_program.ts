import { type ReadingLines, readLines } from "./lines.ts";
import {
  collect,
  type Collecting,
  killProgram,
  MAX_STDERR_BYTES,
  startProgram,
  terminate,
} from "./run_program.ts";
import type { FollowEnd, Following } from "./system.ts";

/** Of a longer line the rest is dropped. */
export const MAX_FOLLOWED_LINE_BYTES = 8_192;

/** Starts a program that goes on; see `System.follow`. It is found as `runProgram` finds it. */
export function followProgram(
  program: string,
  args: readonly string[],
  onLine: (line: string) => void,
): Following {
  const started = startProgram(program, args);
  if (started.kind !== "started") {
    return { ended: Promise.resolve(started), stop: () => Promise.resolve() };
  }
  const { child } = started;
  return new FollowedProgram(child, {
    lines: readLines(child.stdout, {
      maxLineBytes: MAX_FOLLOWED_LINE_BYTES,
      onLine,
    }),
    errors: collect(child.stderr, {
      limitBytes: MAX_STDERR_BYTES,
      beyond: "drop",
    }),
  });
}

interface Streams {
  readonly lines: ReadingLines;
  readonly errors: Collecting;
}

class FollowedProgram implements Following {
  readonly #child: Deno.ChildProcess;
  readonly #streams: Streams;
  readonly ended: Promise<FollowEnd>;

  constructor(child: Deno.ChildProcess, streams: Streams) {
    this.#child = child;
    this.#streams = streams;
    this.ended = this.#finish().finally(killAtExit(child));
  }

  async stop(): Promise<void> {
    this.#streams.lines.cancel();
    this.#streams.errors.cancel();
    await terminate(this.#child);
    await this.ended;
  }

  async #finish(): Promise<FollowEnd> {
    const { lines, errors } = this.#streams;
    const [status, { bytes }] = await Promise.all([
      this.#child.status,
      errors.collected,
      lines.ended,
    ]);
    return {
      kind: "exited",
      code: status.code,
      stderr: new TextDecoder().decode(bytes),
    };
  }
}

/**
 * `Deno.exit` leaves children alone, so a stop that was cut short would leave
 * the program behind. (When this process is killed, SIGPIPE ends the program:
 * it dies of the first line that nobody reads.)
 */
function killAtExit(child: Deno.ChildProcess): () => void {
  const kill = () => killProgram(child, "SIGKILL");
  globalThis.addEventListener("unload", kill);
  return () => globalThis.removeEventListener("unload", kill);
}
