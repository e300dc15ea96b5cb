import type { FollowEnd, Following } from "../system/system.ts";
import { printableStart } from "../text/printable.ts";

/** Times of restarts, in ms. */
export interface KeptRunningTimes {
  /** From its end to its restart; doubled after each end. */
  readonly restartMs: number;
  /** Longest pause, and the pause for a missing program. */
  readonly maxRestartMs: number;
  /** A run this long resets the pause. */
  readonly longLifeMs: number;
  /**
   * A silent running program counts as listening after this time, a thousand
   * times its usual start.
   */
  readonly readyMs: number;
}

export const KEPT_RUNNING_TIMES: KeptRunningTimes = {
  restartMs: 1_000,
  maxRestartMs: 60_000,
  longLifeMs: 60_000,
  readyMs: 1_000,
};

/** Longest quotation of a program's standard error, in characters. */
const MAX_QUOTED_LENGTH = 200;

interface KeptRunningOptions {
  /** Its name in messages, such as `udevadm monitor`. */
  readonly name: string;
  /** Its package. */
  readonly package: string;
  /** Consequence of its absence, such as `devices are looked at at intervals instead`. */
  readonly without: string;
  readonly follow: (onLine: (line: string) => void) => Following;
  readonly onLine: (line: string) => void;
  /** Whether a line shows that it is listening, before `readyMs` are over. */
  readonly isReady: (line: string) => boolean;
  /** Called when `isListening` or `problem` changes. */
  readonly onState: () => void;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Default: `KEPT_RUNNING_TIMES`. */
  readonly times?: Partial<KeptRunningTimes>;
}

/** A long-running program, restarted when it ends. */
export class KeptRunning {
  readonly #options: KeptRunningOptions;
  readonly #times: KeptRunningTimes;
  #following: Following | null = null;
  #isListening = false;
  #problem: string | null = null;
  #pauseMs: number;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(options: KeptRunningOptions) {
    this.#options = options;
    this.#times = { ...KEPT_RUNNING_TIMES, ...options.times };
    this.#pauseMs = this.#times.restartMs;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Why it is not listening, and the remedy. */
  get problem(): string | null {
    return this.#problem;
  }

  start(): void {
    const startedAt = this.#options.now();
    const following = this.#options.follow((line) => this.#take(line));
    this.#following = following;
    this.#readyTimer = setTimeout(
      () => this.#setState(true, null),
      this.#times.readyMs,
    );
    void following.ended.then((end) => this.#ended(end, startedAt));
  }

  /** Ends it; settles when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#restartTimer);
    await this.#following?.stop();
  }

  #take(line: string): void {
    const { isReady, onLine } = this.#options;
    if (!this.#isListening && isReady(line)) this.#setState(true, null);
    onLine(line);
  }

  #ended(end: FollowEnd, startedAt: number): void {
    this.#following = null;
    clearTimeout(this.#readyTimer);
    if (this.#stopped) return;
    const pauseMs = this.#nextPauseMs(end, startedAt);
    this.#restartTimer = setTimeout(() => this.start(), pauseMs);
    // A program that worked will soon work again, so nothing is reported: for
    // example, Ctrl-C at a terminal ends it before us.
    const isTold = !this.#isListening || pauseMs > this.#times.restartMs;
    this.#setState(false, isTold ? this.#describe(end) : null);
  }

  #nextPauseMs({ kind }: FollowEnd, startedAt: number): number {
    const { restartMs, maxRestartMs, longLifeMs } = this.#times;
    if (kind !== "exited") return maxRestartMs;
    const livedMs = this.#options.now() - startedAt;
    const pauseMs = livedMs >= longLifeMs ? restartMs : this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, maxRestartMs);
    return pauseMs;
  }

  #setState(isListening: boolean, problem: string | null): void {
    const same = isListening === this.#isListening && problem === this.#problem;
    this.#isListening = isListening;
    this.#problem = problem;
    if (!same) this.#options.onState();
  }

  #describe(end: FollowEnd): string {
    const { name, without, package: origin } = this.#options;
    switch (end.kind) {
      case "missing":
        return `${name} was not found in PATH, /usr/sbin, /sbin, /usr/bin or /bin, so ${without}: install ${origin}.`;
      case "denied":
        return `${name} cannot be run (${
          printableStart(end.reason, MAX_QUOTED_LENGTH)
        }), so ${without}: let diskd run it.`;
      case "exited": {
        const [firstLine = ""] = end.stderr.trim().split("\n");
        const said = printableStart(firstLine, MAX_QUOTED_LENGTH);
        return `${name} ended with exit code ${end.code}${
          said && ` (${said})`
        }, so ${without} until it is started again.`;
      }
    }
  }
}
