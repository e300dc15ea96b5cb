import type { ReplayGuard } from "../store/replay_guard.ts";
import type { Mark } from "../store/mark_journal.ts";
import { type Log, ProblemLog } from "./log.ts";

/**
 * Longest time until an accepted datagram is in the journal; it is there before
 * the datagram has any effect.
 */
export const FLUSH_JOURNAL_MS = 20;
/** Time from news to the snapshot, but at least `SAVE_NEWS_MS` after the last one. */
export const SAVE_SOON_MS = 1_000;
/** Shortest time between two snapshots with news. */
export const SAVE_NEWS_MS = 60_000;
/** Time between two snapshots if hosts only repeated known lists. */
export const SAVE_REPEATS_MS = 300_000;

/** A mark, and whether its datagram brought news. */
interface AcceptedMark extends Mark {
  readonly isNews: boolean;
}

interface ReplayGuardKeeperOptions {
  readonly guard: Pick<
    ReplayGuard,
    "note" | "start" | "save" | "stop" | "keepJournal" | "problems"
  >;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Records accepted datagrams: in the journal before they have any effect, in
 * the snapshot from time to time.
 */
export class ReplayGuardKeeper {
  readonly #options: ReplayGuardKeeperOptions;
  readonly #problemLog: ProblemLog;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next snapshot is due; `Infinity`: nothing was accepted since the last. */
  #dueAt = Infinity;
  #savedAt = -Infinity;
  /** Marks not in the journal yet: the last of each host. */
  #waiting = new Map<string, Mark>();
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ReplayGuardKeeperOptions) {
    this.#options = options;
    this.#problemLog = new ProblemLog(
      options.log,
      "accepted datagrams are recorded again",
    );
  }

  start(): void {
    this.#options.guard.start();
    this.#problemLog.tell(this.problems);
  }

  /** Problems with the files, a sentence each. */
  get problems(): readonly string[] {
    return this.#options.guard.problems;
  }

  /** Records a mark. Call `flush` before its datagram has any effect. */
  readonly note = ({ isNews, id, boot, seq }: AcceptedMark): void => {
    const { now } = this.#options;
    if (this.#waiting.size === 0) {
      this.#flushTimer = setTimeout(this.flush, FLUSH_JOURNAL_MS);
    }
    // The host accepted last comes last.
    this.#waiting.delete(id);
    this.#waiting.set(id, { id, boot, seq });
    this.#saveAt(
      isNews
        ? Math.max(now() + SAVE_SOON_MS, this.#savedAt + SAVE_NEWS_MS)
        : Math.max(now(), this.#savedAt) + SAVE_REPEATS_MS,
    );
  };

  /** Writes all marks to the journal before it returns. */
  readonly flush = (): void => {
    if (this.#waiting.size === 0) return;
    clearTimeout(this.#flushTimer);
    this.#options.guard.note(...this.#waiting.values());
    this.#waiting.clear();
  };

  /** Writes the journal anew if something removed it; returns its path if so. */
  readonly check = (): string | null => {
    const lost = this.#options.guard.keepJournal();
    this.#problemLog.tell(this.problems);
    return lost;
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
