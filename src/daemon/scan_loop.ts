import type { ScanResult } from "../probe/scan.ts";
import type { ScanRequest } from "../probe/scan_requests.ts";
import type { Watch } from "../probe/watch.ts";
import { type Log, ProblemLog } from "./log.ts";

/**
 * Longest time between scans if every change has an event, in case one was
 * lost. These read no medium.
 */
const SAFETY_LOOK_MS = 60_000;

/** How changes are noticed. */
export type Noticing = Pick<Watch, "devices" | "mounts">;

interface ScanLoopOptions {
  readonly scan: (request: ScanRequest) => Promise<ScanResult>;
  readonly noticing: () => Noticing;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Time between scans for changes without an event. */
  readonly intervalMs: number;
  readonly onResult: (result: ScanResult) => void;
  readonly log: Log;
}

/** A scan, and its end, monotonic ms. */
interface LastScan {
  readonly result: ScanResult;
  readonly at: number;
}

/** Decides when to scan and what to read: at the start, on events, at intervals, and on request. */
export class ScanLoop {
  readonly #options: ScanLoopOptions;
  readonly #events: BurstDebouncer;
  #changed = new Set<string>();
  /** Whether events named all that changed. */
  #listsNamed = true;
  #missedSome = false;
  #intervalMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  readonly #problemLog: ProblemLog;
  #problems: readonly string[] = [];
  #last: LastScan | null = null;

  constructor(options: ScanLoopOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs;
    this.#problemLog = new ProblemLog(options.log, "scans are complete again");
    this.#events = new BurstDebouncer(() => this.#lookAtChanged(), options.now);
  }

  /** The last finished scan; `null` before the first. */
  get last(): LastScan | null {
    return this.#last;
  }

  /** What makes scans incomplete, a sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Takes effect at once. */
  setInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    this.#events.stop();
    clearTimeout(this.#timer);
  }

  /** Scans everything now; the next interval begins afterwards. */
  async now(): Promise<ScanResult> {
    const result = await this.#scan({ media: "all" });
    this.#wait();
    return result;
  }

  /** A device appeared, went, or changed its contents: its medium is read. */
  deviceChanged(kname: string): void {
    this.#changed.add(kname);
    this.#events.sign();
  }

  /** A mount changed, or udev knows more: no medium needs to be read. */
  changed(): void {
    this.#listsNamed = false;
    this.#events.sign();
  }

  /** The sources of events changed: an event may have been missed. */
  noticingChanged(): void {
    this.#missedSome = true;
    this.#listsNamed = false;
    this.#events.sign();
  }

  async #lookAtChanged(): Promise<void> {
    const knames = this.#changed;
    this.#changed = new Set();
    const listsNamed = this.#listsNamed;
    this.#listsNamed = true;
    const mayBeMore = this.#missedSome && this.#isBlind;
    this.#missedSome = false;
    await this.#scan(
      mayBeMore ? { media: "all" } : { media: "changed", knames, listsNamed },
    );
  }

  async #lookAtAll(): Promise<void> {
    await this.#scan(
      this.#isBlind
        ? { media: "all" }
        : { media: "changed", knames: new Set() },
    );
    this.#wait();
  }

  /** Whether no event reports new contents of a medium. */
  get #isBlind(): boolean {
    return this.#options.noticing().devices !== "udev";
  }

  async #scan(request: ScanRequest): Promise<ScanResult> {
    const result = await this.#options.scan(request);
    if (this.#stopped) return result;
    this.#last = { result, at: this.#options.now() };
    this.#options.log.debug("scanned", () => ({
      media: request.media,
      read: result.read,
      disks: result.disks?.length ?? null,
      problems: result.problems.length,
      ms: Math.round(result.durationMs),
    }));
    this.#options.onResult(result);
    return result;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#lookAtAll(), this.#pauseMs());
  }

  #pauseMs(): number {
    const { devices, mounts } = this.#options.noticing();
    return devices === "udev" && mounts === "events"
      ? Math.max(this.#intervalMs, SAFETY_LOOK_MS)
      : this.#intervalMs;
  }

  /** Sets the present problems of scans. */
  tellProblems(problems: readonly string[]): void {
    this.#problems = problems;
    this.#problemLog.tell(problems);
  }
}

/**
 * After a quiet time the first signal triggers an action at once; during a
 * burst, the actions are these distances apart.
 */
const PAUSES_MS = [0, 20, 50, 100, 200, 400] as const;

/** A burst ends after this time without an action. */
const BURST_ENDS_MS = 1_000;

/**
 * Turns a burst of signals into few actions: twenty-four disks that appear
 * together cause a few scans, not twenty-four, and the first does not wait for
 * the last. Actions never overlap; a signal during an action triggers another
 * one after it.
 */
export class BurstDebouncer {
  readonly #act: () => Promise<void>;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #acting = false;
  #wanted = false;
  #stopped = false;
  #step = 0;
  #endedAt = -Infinity;

  /** `act` must not reject; `now` is monotonic ms. */
  constructor(act: () => Promise<void>, now: () => number) {
    this.#act = act;
    this.#now = now;
  }

  sign(): void {
    if (this.#wanted || this.#stopped) return;
    this.#wanted = true;
    if (!this.#acting) this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const quietMs = this.#now() - this.#endedAt;
    if (quietMs >= BURST_ENDS_MS) this.#step = 0;
    const waitMs = PAUSES_MS[this.#step]! - quietMs;
    if (waitMs <= 0) void this.#run();
    else this.#timer = setTimeout(() => void this.#run(), waitMs);
  }

  async #run(): Promise<void> {
    this.#wanted = false;
    this.#acting = true;
    await this.#act();
    this.#acting = false;
    this.#endedAt = this.#now();
    this.#step = Math.min(this.#step + 1, PAUSES_MS.length - 1);
    if (this.#wanted && !this.#stopped) this.#schedule();
  }
}
