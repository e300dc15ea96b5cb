import type { Log } from "./log.ts";

/** Logs problems that come and go: each once when it comes, and the end of all of them. */
export class ProblemLog {
  readonly #log: Log;
  readonly #end: string;
  #told: ReadonlySet<string> = new Set();

  /** `end` is logged when no problem is left. */
  constructor(log: Log, end: string) {
    this.#log = log;
    this.#end = end;
  }

  /** These are the problems now, a sentence each. */
  tell(problems: readonly string[]): void {
    const told = this.#told;
    this.#told = new Set(problems);
    for (const problem of this.#told) {
      if (!told.has(problem)) this.#log.warn(problem);
    }
    if (problems.length === 0 && told.size > 0) this.#log.info(this.#end);
  }
}
