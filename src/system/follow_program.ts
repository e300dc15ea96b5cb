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

/** The rest of a longer line is dropped. */
export const MAX_FOLLOWED_LINE_BYTES = 8_192;

/** Starts a long-running program; see `System.follow`. It is found as by `runProgram`. */
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
 * `Deno.exit` does not end children, so an aborted stop would leave the program
 * behind. (If this process is killed, SIGPIPE ends the program at its next
 * line.)
 */
function killAtExit(child: Deno.ChildProcess): () => void {
  const kill = () => killProgram(child, "SIGKILL");
  globalThis.addEventListener("unload", kill);
  return () => globalThis.removeEventListener("unload", kill);
}
