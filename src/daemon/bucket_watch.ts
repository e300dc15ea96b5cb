import type { BucketState } from "../transport/nats_link.ts";

/** What a look at the bucket told. */
interface BucketLook {
  /** Whether it no longer has what this host put. */
  readonly isLost: boolean;
  /** Whether others put what this host was not told of. */
  readonly isMissed: boolean;
}

/**
 * Whether the bucket is still the one in which this host put its list, and
 * whether all was heard that was put since: behind a leaf node both may change
 * while the connection lasts.
 */
export class BucketWatch {
  #before: BucketState | null = null;
  /** Revision at which counting began. */
  #base = 0;
  #told = 0;
  #put = Infinity;

  /** The server told of a put. */
  told(): void {
    this.#told++;
  }

  /** This host put something, which has this revision. */
  put(revision: number): void {
    this.#put = Math.min(this.#put, revision);
  }

  /** This host puts everything anew. */
  putsAnew(): void {
    this.#put = Infinity;
  }

  /** Counts from here on: all before is read. */
  begin(bucket: BucketState): void {
    this.#before = bucket;
    this.#base = bucket.lastRevision;
    this.#told = 0;
  }

  look(bucket: BucketState): BucketLook {
    const before = this.#before;
    this.#before = bucket;
    const isSame = before === null || bucket.madeAt === before.madeAt;
    // What was put just now may be on its way.
    const expected = (before?.lastRevision ?? this.#base) - this.#base;
    return {
      isLost: !isSame || bucket.isMade ||
        (this.#put !== Infinity && bucket.firstRevision > this.#put),
      isMissed: !isSame || this.#told < expected,
    };
  }
}
