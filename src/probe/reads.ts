import type { System } from "../system/system.ts";
import type { ProbeRunner } from "./probe_runner.ts";
import {
  type Expected,
  type Reading,
  readSignature,
} from "./read_signature.ts";

/** Devices read at once: more would slow down disks on a shared bus. */
export const MAX_PROBES_AT_ONCE = 4;

/** Result of reading a device. */
export interface Read {
  readonly path: string;
  readonly reading: Reading;
  /** Monotonic ms: later contents of the device are not included. */
  readonly startedAt: number;
}

interface ReadsOptions {
  readonly runner: ProbeRunner;
  readonly now: System["now"];
  /** Time limit of blkid. */
  readonly timeoutMs: number;
  /** Longest wait for a device. */
  readonly slowMs: number;
  /** Wait before the next device is read beside it. */
  readonly patienceMs: number;
  /** What is known of the device at a path. */
  readonly expect: (path: string) => Expected;
  readonly onRead: (read: Read) => void;
}

/** How to read a device. */
interface ReadOptions {
  /** Whether a reading in progress is too old. Default false. */
  readonly fresh?: boolean;
  /** Whether it may hang, so that all others come first. Default false. */
  readonly doubtful?: boolean;
}

/**
 * Reads devices, with a blkid for each, and never two on a device.
 *
 * The number of concurrent reads is limited, but a hanging one soon no longer
 * counts, so dead disks do not block the others.
 */
export class Reads {
  readonly #options: ReadsOptions;
  /** By path: waiting or begun. */
  readonly #jobs = new Map<string, Job>();
  #queue: Job[] = [];
  #doubtful: Job[] = [];
  #busy = 0;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  /**
   * Settles when the device has been read, or is slow: then `onRead` receives a
   * later result, if any.
   */
  async read(path: string, options: ReadOptions = {}): Promise<void> {
    const before = this.#jobs.get(path);
    if (options.fresh && before?.hasBegun) {
      await before.settled;
      before.wantAgain();
    }
    const job = this.#jobs.get(path) ?? this.#enqueue(path, options);
    await job.settled;
  }

  /** Whether a device is being read and takes too long. */
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
    const expected = this.#options.expect(device);
    const options = { device, timeoutMs, expected };
    const reading = await readSignature(runner, options);
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
    // A hanging device will hang again: it waits for a later scan.
    if (job.isWantedAgain && read.reading.kind !== "failed") {
      this.#enqueue(job.path, { doubtful: true });
    }
  }

  /** Without blkid, the other devices need not be tried. */
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

/** A reading of a device, from the queue to its end. */
class Job {
  readonly path: string;
  readonly #settled = Promise.withResolvers<void>();
  #state: "waiting" | "begun" | "slow" = "waiting";
  #isWantedAgain = false;

  constructor(path: string) {
    this.path = path;
  }

  /** Settles at its end, or when it is slow. */
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

  /** Requests another reading after this one. */
  wantAgain(): void {
    this.#isWantedAgain = true;
  }
}
