import type { System } from "../system/system.ts";
import type { ProbeRunner } from "./probe_runner.ts";
import { type Reading, readSignature } from "./read_signature.ts";

/** Devices that are read at once: more make disks that share a bus slower, not faster. */
export const MAX_PROBES_AT_ONCE = 4;

/** What came of reading a device. */
export interface Read {
  readonly path: string;
  readonly reading: Reading;
  /** Monotonic ms: what came to the device later is not in it. */
  readonly startedAt: number;
}

interface ReadsOptions {
  readonly runner: ProbeRunner;
  readonly now: System["now"];
  /** How long blkid may take before it is killed. */
  readonly timeoutMs: number;
  /** After this nobody waits for a device any more. */
  readonly slowMs: number;
  /** After this the next device is read beside it. */
  readonly patienceMs: number;
  readonly onRead: (read: Read) => void;
}

/** How to read one device. */
interface ReadOptions {
  /** Whether a reading that has begun already is too old. Default false. */
  readonly fresh?: boolean;
  /** Whether it may well hang, so that all others come first. Default false. */
  readonly doubtful?: boolean;
}

/**
 * Reads devices, each with a blkid of its own, and never two on one device.
 *
 * Only so many are read at once. But one that hangs is soon not counted any
 * more, so that however many disks are dead, the others have their turn.
 */
export class Reads {
  readonly #options: ReadsOptions;
  /** By path: one that waits for its turn, or has begun. */
  readonly #jobs = new Map<string, Job>();
  #queue: Job[] = [];
  #doubtful: Job[] = [];
  #busy = 0;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  /** Settles when a reading is there, or the device is slow: then `onRead` has it later, if it comes at all. */
  async read(path: string, options: ReadOptions = {}): Promise<void> {
    const before = this.#jobs.get(path);
    if (options.fresh && before?.hasBegun) {
      await before.settled;
      before.wantAgain();
    }
    const job = this.#jobs.get(path) ?? this.#enqueue(path, options);
    await job.settled;
  }

  /** Whether a device is being read, and takes too long. */
  isSlow(path: string): boolean {
    return this.#jobs.get(path)?.isSlow ?? false;
  }

  #enqueue(path: string, { doubtful = false }: ReadOptions): Job {
    const job = new Job(path);
    this.#jobs.set(path, job);
    (doubtful ? this.#doubtful : this.#queue).push(job);
    this.#beginSome();
    return job;
  }

  #beginSome(): void {
    while (this.#busy < MAX_PROBES_AT_ONCE) {
      const job = this.#queue.shift() ?? this.#doubtful.shift();
      if (job === undefined) return;
      void this.#begin(job);
    }
  }

  async #begin(job: Job): Promise<void> {
    const { runner, timeoutMs, slowMs, patienceMs, now } = this.#options;
    const place = this.#takePlace();
    const patience = setTimeout(() => place.leave(), patienceMs);
    const slow = setTimeout(() => job.beSlow(), slowMs);
    const startedAt = now();
    const device = job.path;
    job.begin();
    const reading = await readSignature(runner, { device, timeoutMs });
    clearTimeout(patience);
    clearTimeout(slow);
    this.#end(job, { path: device, reading, startedAt });
    place.leave();
  }

  #takePlace(): { leave(): void } {
    this.#busy++;
    let taken = true;
    const leave = () => {
      if (!taken) return;
      taken = false;
      this.#busy--;
      this.#beginSome();
    };
    return { leave };
  }

  #end(job: Job, read: Read): void {
    this.#jobs.delete(job.path);
    this.#options.onRead(read);
    job.end();
    if (read.reading.kind === "no-blkid") this.#endAll(read);
    // One that hangs will hang again: it has its turn in a later scan.
    if (job.isWantedAgain && read.reading.kind !== "failed") {
      this.#enqueue(job.path, { doubtful: true });
    }
  }

  /** Without blkid there is no use in looking for it once a device. */
  #endAll({ reading, startedAt }: Read): void {
    const waiting = [...this.#queue, ...this.#doubtful];
    this.#queue = [];
    this.#doubtful = [];
    for (const job of waiting) {
      this.#jobs.delete(job.path);
      this.#options.onRead({ path: job.path, reading, startedAt });
      job.end();
    }
  }
}

/** One reading of one device, from the queue to its end. */
class Job {
  readonly path: string;
  readonly #settled = Promise.withResolvers<void>();
  #state: "waiting" | "begun" | "slow" = "waiting";
  #isWantedAgain = false;

  constructor(path: string) {
    this.path = path;
  }

  /** At its end, or when it is slow. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get hasBegun(): boolean {
    return this.#state !== "waiting";
  }

  get isSlow(): boolean {
    return this.#state === "slow";
  }

  get isWantedAgain(): boolean {
    return this.#isWantedAgain;
  }

  begin(): void {
    this.#state = "begun";
  }

  beSlow(): void {
    this.#state = "slow";
    this.#settled.resolve();
  }

  end(): void {
    this.#settled.resolve();
  }

  /** Asks for another reading once this one is over. */
  wantAgain(): void {
    this.#isWantedAgain = true;
  }
}
