import type { ScanResult } from "../probe/scan.ts";
import type { Log } from "./log.ts";

export interface ScanLoopOptions {
  readonly scan: () => Promise<ScanResult>;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly intervalMs: number;
  readonly onResult: (result: ScanResult) => void;
  readonly log: Log;
}

/** A scan, and when it ended, monotonic ms. */
export interface LastScan {
  readonly result: ScanResult;
  readonly at: number;
}

/** Scans at start, every interval, and when asked. */
export class ScanLoop {
  readonly #options: ScanLoopOptions;
  #intervalMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #told: ReadonlySet<string> = new Set();
  #last: LastScan | null = null;

  constructor(options: ScanLoopOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
  }

  /** The scan that ended last, `null` before the first has. */
  get last(): LastScan | null {
    return this.#last;
  }

  /** Takes effect at once. */
  setInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Scans now; the next periodic scan is then a whole interval away. */
  async now(): Promise<ScanResult> {
    clearTimeout(this.#timer);
    const result = await this.#options.scan();
    if (this.#stopped) return result;
    this.#last = { result, at: this.#options.now() };
    this.#options.onResult(result);
    this.#tellProblems(result.problems);
    this.#wait();
    return result;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), this.#intervalMs);
  }

  /** A problem is logged once, however many others come and go, and so is the end of all. */
  #tellProblems(problems: readonly string[]): void {
    const { log } = this.#options;
    const told = this.#told;
    this.#told = new Set(problems);
    for (const problem of problems) {
      if (!told.has(problem)) log.warn(problem);
    }
    if (problems.length === 0 && told.size > 0) {
      log.info("scans are whole again");
    }
  }
}
