import type { ReplayGuard } from "../store/replay_guard.ts";
import type { Mark } from "../store/mark_journal.ts";
import { type Log, ProblemLog } from "./log.ts";

/** What is accepted is in the journal this soon, or before anything comes of it. */
export const FLUSH_JOURNAL_MS = 20;
/** The snapshot is written this soon after news, and not sooner after the last one than `SAVE_NEWS_MS`. */
export const SAVE_SOON_MS = 1_000;
/** Between two snapshots where there was news. */
export const SAVE_NEWS_MS = 60_000;
/** Between two snapshots where hosts only said again what is known. */
export const SAVE_REPEATS_MS = 300_000;

/** A mark, and whether it tells more than that its host lives. */
interface AcceptedMark extends Mark {
  readonly isNews: boolean;
}

interface ReplayGuardKeeperOptions {
  readonly guard: Pick<
    ReplayGuard,
    "note" | "start" | "save" | "stop" | "problems"
  >;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly log: Log;
}

/** Writes down what was accepted: in the journal before anything comes of it, in the snapshot when it is time to. */
export class ReplayGuardKeeper {
  readonly #options: ReplayGuardKeeperOptions;
  readonly #problemLog: ProblemLog;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next snapshot is due; `Infinity`: nothing was accepted since the last. */
  #dueAt = Infinity;
  #savedAt = -Infinity;
  /** What is not in the journal yet, by host: the last mark of each counts. */
  #waiting = new Map<string, Mark>();
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ReplayGuardKeeperOptions) {
    this.#options = options;
    this.#problemLog = new ProblemLog(
      options.log,
      "what is accepted is written down again",
    );
  }

  start(): void {
    this.#options.guard.start();
    this.#problemLog.tell(this.problems);
  }

  /** What is wrong, a sentence each. */
  get problems(): readonly string[] {
    return this.#options.guard.problems;
  }

  /** Takes in what was accepted. Call `flush` before anything comes of it. */
  readonly note = ({ isNews, id, boot, seq }: AcceptedMark): void => {
    const { now } = this.#options;
    if (this.#waiting.size === 0) {
      this.#flushTimer = setTimeout(this.flush, FLUSH_JOURNAL_MS);
    }
    // The host that was accepted last comes last.
    this.#waiting.delete(id);
    this.#waiting.set(id, { id, boot, seq });
    this.#saveAt(
      isNews
        ? Math.max(now() + SAVE_SOON_MS, this.#savedAt + SAVE_NEWS_MS)
        : Math.max(now(), this.#savedAt) + SAVE_REPEATS_MS,
    );
  };

  /** What was accepted is in the journal when it returns. */
  readonly flush = (): void => {
    if (this.#waiting.size === 0) return;
    clearTimeout(this.#flushTimer);
    this.#options.guard.note(...this.#waiting.values());
    this.#waiting.clear();
  };

  async stop(): Promise<void> {
    this.flush();
    clearTimeout(this.#timer);
    await this.#options.guard.stop();
    this.#problemLog.tell(this.problems);
  }

  #saveAt(at: number): void {
    if (at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    const afterMs = Math.max(0, at - this.#options.now());
    this.#timer = setTimeout(() => this.#save(), afterMs);
  }

  async #save(): Promise<void> {
    const { guard, now } = this.#options;
    this.#dueAt = Infinity;
    this.#savedAt = now();
    this.flush();
    await guard.save();
    this.#problemLog.tell(this.problems);
  }
}
