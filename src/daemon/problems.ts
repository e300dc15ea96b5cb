import type { Log } from "./log.ts";

/** How many are kept; a daemon that fails in so many ways has told enough. */
const MAX_PROBLEMS = 20;

/** What an admin should know and mend: logged once, and shown by `status` until the daemon ends. */
export class Problems {
  readonly #log: Log;
  readonly #sentences = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Adds a sentence; `null`, nothing went wrong, is welcome too. */
  add(sentence: string | null): void {
    if (sentence === null || this.#sentences.has(sentence)) return;
    this.#log.warn(sentence);
    if (this.#sentences.size < MAX_PROBLEMS) this.#sentences.add(sentence);
  }

  get sentences(): readonly string[] {
    return [...this.#sentences];
  }
}
