import {
  type HostIdentifiers,
  NOTHING_FOUND,
  type Resolved,
} from "../../inventory/resolve.ts";
import type { HistoryDb } from "./history_db.ts";
import {
  describeHistoryFailure,
  HistoryError,
  toHistoryError,
} from "./history_error.ts";
import { beginAnew, type OpenedFile, openOrBegin } from "./history_file.ts";
import { type Merged, mergeSightings } from "./merge_sightings.ts";
import {
  countSightings,
  findDisks,
  findHosts,
  type Page,
  readPage,
  readRestored,
  readSightings,
} from "./queries.ts";
import { newestBefore } from "./redate.ts";
import type {
  Attachment,
  DiskRecord,
  HistoryChange,
  HostRecord,
  Restored,
  SightingQuery,
  SightingRecord,
} from "./records.ts";
import {
  ageTo,
  forgetDisk,
  forgetHost,
  isTooLarge,
  type Retention,
  trim,
} from "./trim.ts";
import { writeBatch } from "./write_change.ts";

/** Changes written in a step, so that it takes only some ms. */
export const MAX_ROWS_A_FLUSH = 50;

/**
 * Changes of a transaction, which goes on from step to step: each changed page
 * is written once in it, and most changes are on the same pages.
 */
export const MAX_ROWS_A_TRANSACTION = 1_000;

/**
 * Changes written before a query, so that it sees recent changes. If more are
 * waiting, it misses the last ones.
 */
export const MAX_ROWS_BEFORE_READING = 200;

/** Changes waiting for `flush()`; beyond that the oldest are written at once. */
export const MAX_WAITING = 5_000;

/** Changes waiting while writing is impossible; beyond that the oldest is lost. */
export const MAX_KEPT = 20_000;

/** Pause after a failure: just under a minute, so that a caller who tries each minute succeeds. */
export const RETRY_MS = 55_000;

export interface HistoryOptions extends Retention {
  readonly path: string;
  /** ms since 1970. */
  readonly wallClock: () => number;
}

/**
 * The history of all disks. Changes are queued, and written when the owner
 * calls `flush()`. All methods are synchronous, in steps of some ms.
 *
 * A failure is reported by `problem` and not thrown: the history continues
 * without writing and tries again each minute. Only `merge`, `forgetDisk` and
 * `forgetHost` throw a `HistoryError`, because a user waits for their result.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #queue = new ChangeQueue(MAX_KEPT);
  #db: HistoryDb | null;
  /** Reports a replaced broken file until the daemon stops. */
  #notice: string | null;
  #failure: { readonly sentence: string; readonly at: number } | null = null;
  #gaps = 0;
  /** Changes at the front of the queue that the open transaction has. */
  #uncommitted = 0;
  /** See `ageTo`; `null` between two passes. */
  #trimTo: number | null = null;
  #isClosed = false;

  constructor({ db, notice }: OpenedFile, options: HistoryOptions) {
    this.#db = db;
    this.#notice = notice;
    this.#options = options;
  }

  /**
   * For an administrator: why nothing is written, or that the file was broken.
   * `null` if all is well.
   */
  get problem(): string | null {
    if (this.#failure === null) return this.#notice;
    const { dropped } = this.#queue;
    const lost = dropped > 0 ? `; ${dropped} changes are lost` : "";
    return this.#failure.sentence + lost;
  }

  /**
   * Number of losses since opening: a broken file was replaced by an empty one,
   * or too many changes were waiting. After each, all hosts and their attached
   * disks should be recorded again.
   */
  get gaps(): number {
    return this.#gaps;
  }

  /**
   * A disk was attached, or its fields changed. Another label ends the sighting
   * and begins a new one; with the same label it goes on.
   */
  began(host: HostRecord, disk: DiskRecord, at: Attachment): void {
    this.#note({ kind: "attached", host, disk, at });
  }

  /** A disk is on another device than before; its sighting goes on there. */
  renamed(
    hostId: string,
    { disk, from, to }: { disk: string; from: string; to: string },
  ): void {
    this.#note({ kind: "renamed", hostId, disk, from, to });
  }

  /** The disk left, or another one took its device. */
  ended(hostId: string, device: string, until: number): void {
    this.#note({ kind: "ended", hostId, device, until });
  }

  /** These are all devices of the host: what else it had left by `until`. */
  listed(hostId: string, devices: readonly string[], until: number): void {
    this.#note({ kind: "listed", hostId, devices, until });
  }

  /**
   * The mount points changed, or its reads began to fail. The last non-empty
   * list of mount points is kept.
   */
  mounted(
    hostId: string,
    { device, mounts, place }: Omit<Attachment, "label" | "from">,
  ): void {
    this.#note({ kind: "mounted", hostId, device, mounts, place });
  }

  /** A host is new or changed. Must not be called each time it is heard. */
  host(record: HostRecord): void {
    this.#note({ kind: "host", host: record });
  }

  /** A host has another id than before; it had all its sightings. */
  rekeyed(from: string, to: string): void {
    this.#note({ kind: "rekeyed", from, to });
  }

  /** The daemon is running, and every host that is up was heard until now. */
  alive(at: number): void {
    this.#note({ kind: "alive", at });
  }

  /** The clock was set: moves times from `from` to before `to`. */
  redate(times: { from: number; to: number; byMs: number }): void {
    this.#note({ kind: "redated", ...times });
  }

  /** The newest time before `limit`, of whatever is known; 0: none. */
  newestBefore(limit: number): number {
    return this.#read((db) => newestBefore(db, limit), 0);
  }

  /** Writes at most `MAX_ROWS_A_FLUSH` changes. Returns whether there are more, without which they are not safe yet. */
  flush(): boolean {
    return this.#writeSome((db) => {
      const most = Math.min(this.#queue.length, MAX_ROWS_A_TRANSACTION);
      if (this.#uncommitted >= most) this.#commit(db);
    });
  }

  /**
   * Drops a few sightings beyond the limits of age, unless `now` is `null`, and
   * of size. Returns whether there is more to do.
   */
  trim(now: number | null): boolean {
    if (this.#isPausing()) return false;
    const options = this.#options;
    try {
      return this.#use((db) => {
        this.#commit(db);
        this.#trimTo ??= now && ageTo(db, { ...options, now });
        const more = trim(db, { ...options, now: this.#trimTo });
        db.checkpointIfDue();
        if (!more) this.#trimTo = null;
        return more;
      });
    } catch (error) {
      this.#fail(toHistoryError(error));
      return false;
    }
  }

  /** Whether `trim` should be called soon. */
  get isTooLarge(): boolean {
    if (this.#isPausing()) return false;
    try {
      return this.#use((db) => isTooLarge(db, this.#options));
    } catch (error) {
      this.#fail(toHistoryError(error));
      return false;
    }
  }

  /** The state of the last stop. */
  restore(): Restored {
    return this.#read(readRestored, { hosts: [], past: [] });
  }

  /** Sightings, newest first: open ones, then the others by their end. */
  sightings(query: SightingQuery): SightingRecord[] {
    return this.#read((db) => readSightings(db, query), []);
  }

  /** The disks that this name means; see `findDisks`. */
  disks(name: string): Resolved<DiskRecord> {
    return this.#read((db) => findDisks(db, name), NOTHING_FOUND);
  }

  /** The hosts that this name may mean; see `findHosts`. */
  hosts(name: string): HostIdentifiers[] {
    return this.#read((db) => findHosts(db, name), []);
  }

  /** The number of sightings of a disk, by its identity, or on a host. */
  count(of: { readonly disk: string } | { readonly hostId: string }): number {
    return this.#read((db) => countSightings(db, of), 0);
  }

  /** All sightings in pages; the first page is after 0. */
  page(afterId: number, limit: number): Page {
    const none: Page = { records: [], next: null };
    return this.#read((db) => readPage(db, { afterId, limit }), none);
  }

  /** Drops a disk, by its identity. Returns the number of sightings dropped. */
  forgetDisk(name: string): number {
    return this.#write((db) => forgetDisk(db, name));
  }

  /** Drops a host. Returns the number of sightings dropped. */
  forgetHost(hostId: string): number {
    return this.#write((db) => forgetHost(db, hostId));
  }

  /**
   * Merges sightings of another history. Pass some hundred at a time, so that
   * the loop is not held.
   */
  merge(records: readonly SightingRecord[]): Merged {
    return this.#write((db) =>
      db.transaction(() => mergeSightings(db, records))
    );
  }

  /** Bytes written to the present file. */
  get written(): number {
    return this.#db?.written ?? 0;
  }

  /** Writes all waiting changes, and closes the file for good. */
  close(): void {
    while (this.flush());
    this.#db?.close();
    this.#db = null;
    this.#isClosed = true;
  }

  #note(change: HistoryChange): void {
    this.#queue.push(change);
    if (this.#queue.length > MAX_WAITING) this.flush();
  }

  /** Leaves the transaction open: readers see it, and it costs more to commit than to write. */
  #flushForReaders(): void {
    for (let rows = 0; rows < MAX_ROWS_BEFORE_READING;) {
      if (this.#uncommitted >= this.#queue.length) return;
      if (!this.#writeSome(() => {})) return;
      rows += MAX_ROWS_A_FLUSH;
    }
  }

  /** Writes some changes, and then does `end`. Returns whether there are changes that are not safe yet. */
  #writeSome(end: (db: HistoryDb) => void): boolean {
    if (this.#queue.length === 0 || this.#isPausing()) return false;
    if (this.#db?.isMoved) this.#letGo();
    try {
      this.#use((db) => {
        if (!db.hasBegun) db.begin();
        const batch = this.#queue.from(this.#uncommitted, MAX_ROWS_A_FLUSH);
        const refused = writeBatch(db, batch);
        this.#uncommitted += batch.length;
        end(db);
        if (refused === null) return;
        this.#notice = describeHistoryFailure(this.#options.path, refused);
      });
    } catch (error) {
      this.#fail(toHistoryError(error));
      return false;
    }
    this.#recover();
    return this.#queue.length > 0;
  }

  #commit(db: HistoryDb): void {
    if (!db.hasBegun) return;
    db.commit();
    this.#queue.remove(this.#uncommitted);
    this.#uncommitted = 0;
  }

  /** What was not committed is still in the queue. */
  #abandon(): void {
    if (this.#db?.hasBegun) this.#db.rollBack();
    this.#uncommitted = 0;
  }

  #isPausing(): boolean {
    if (this.#failure === null) return this.#isClosed;
    const age = this.#options.wallClock() - this.#failure.at;
    return this.#isClosed || (age >= 0 && age < RETRY_MS);
  }

  #read<T>(work: (db: HistoryDb) => T, without: T): T {
    this.#flushForReaders();
    try {
      return this.#use(work);
    } catch (error) {
      this.#fail(toHistoryError(error));
      return without;
    }
  }

  #write<T>(work: (db: HistoryDb) => T): T {
    this.#flushForReaders();
    try {
      const result = this.#use((db) => {
        this.#commit(db);
        return work(db);
      });
      this.#recover();
      return result;
    } catch (error) {
      throw this.#fail(toHistoryError(error));
    }
  }

  /** Uses the file; replaces it first if it proves to be broken. */
  #use<T>(work: (db: HistoryDb) => T): T {
    const db = this.#db ?? this.#open();
    try {
      return work(db);
    } catch (error) {
      this.#abandon();
      return work(this.#replace(toHistoryError(error)));
    }
  }

  #open(): HistoryDb {
    if (this.#isClosed) throw new HistoryError("other", "it was closed");
    const { path, wallClock } = this.#options;
    // The file may be another one: that of a disk that was mounted again.
    this.#gaps++;
    return this.#adopt(openOrBegin(path, wallClock()));
  }

  #replace(because: HistoryError): HistoryDb {
    if (because.kind !== "broken") throw because;
    this.#db?.close();
    this.#db = null;
    const { path, wallClock } = this.#options;
    return this.#adopt(beginAnew(path, { now: wallClock(), because }));
  }

  #adopt({ db, notice }: OpenedFile): HistoryDb {
    this.#db = db;
    if (notice !== null) {
      this.#notice = notice;
      this.#gaps++;
    }
    return db;
  }

  #recover(): void {
    this.#failure = null;
    if (this.#queue.dropped > 0) this.#gaps++;
    this.#queue.forgetDropped();
  }

  /** Returns the error with a complete sentence. */
  #fail(error: HistoryError): HistoryError {
    const { path, wallClock } = this.#options;
    const sentence = describeHistoryFailure(path, error);
    this.#failure = { sentence, at: wallClock() };
    if (error.kind === "other") this.#letGo();
    return new HistoryError(error.kind, sentence, { cause: error });
  }

  /**
   * After a failure of the medium the state of the connection is unknown: the
   * next try opens another.
   */
  #letGo(): void {
    this.#abandon();
    this.#db?.close();
    this.#db = null;
  }
}

/** Changes in order, up to a limit; beyond it the oldest are dropped. */
export class ChangeQueue {
  readonly #limit: number;
  #changes: HistoryChange[] = [];
  /** Entries before this index are gone; they are removed once there are many. */
  #head = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#changes.length - this.#head;
  }

  /** Changes dropped since `forgetDropped()`. */
  get dropped(): number {
    return this.#dropped;
  }

  forgetDropped(): void {
    this.#dropped = 0;
  }

  push(change: HistoryChange): void {
    this.#changes.push(change);
    if (this.length <= this.#limit) return;
    this.remove(1);
    this.#dropped++;
  }

  /** Some changes, from a place on. */
  from(index: number, count: number): readonly HistoryChange[] {
    const start = this.#head + index;
    return this.#changes.slice(start, start + count);
  }

  remove(count: number): void {
    this.#head += count;
    if (this.#head <= this.length) return;
    this.#changes = this.#changes.slice(this.#head);
    this.#head = 0;
  }
}
