import { createHash } from "node:crypto";
import { outranks, type Remark } from "./remark.ts";

/** Room for 4,096 disks with a name, a note, a label and a tag: some 10 MB. */
export const MAX_REMARKS = 16_384;

/** Parts into which the disks are divided to find where two hosts differ. */
const BUCKETS = 64;
/** Bytes of the digest of a bucket. */
const BUCKET_BYTES = 6;
/** Bytes of the digest of all. */
const DIGEST_BYTES = 8;
/** Length of `table`. */
export const TABLE_BYTES = BUCKETS * BUCKET_BYTES;

const BASE64 = { alphabet: "base64url", omitPadding: true } as const;

/**
 * Remarks, of each host the latest on each field of a disk. Those of one host
 * replace no remark of another, so two sets that took in the same remarks are
 * the same, in whichever order they came and whatever was dropped meanwhile.
 */
export class RemarkSet {
  readonly #room: number;
  /** By subject, then by host and field. */
  readonly #subjects = new Map<string, Map<string, Remark>>();
  /** By host, the earliest first. */
  readonly #authors = new Map<string, Remark[]>();
  readonly #buckets = Array.from({ length: BUCKETS }, () => new Set<string>());
  readonly #digests: (Uint8Array | null)[] = this.#buckets.map(() => null);
  #digest: string | null = null;
  #count = 0;
  /** Number of remarks that were dropped for want of room. */
  dropped = 0;

  constructor(room = MAX_REMARKS) {
    this.#room = room;
  }

  /** Number of remarks. */
  get count(): number {
    return this.#count;
  }

  /** The disks with remarks. */
  subjects(): MapIterator<string> {
    return this.#subjects.keys();
  }

  /** Number of these disks. */
  get disks(): number {
    return this.#subjects.size;
  }

  /** All remarks on a disk. */
  on(subject: string): Iterable<Remark> {
    return this.#subjects.get(subject)?.values() ?? [];
  }

  /** The hosts that made remarks, with their number. */
  authors(): { readonly by: string; readonly count: number }[] {
    return [...this.#authors]
      .map(([by, { length: count }]) => ({ by, count }));
  }

  /** All remarks of a host, the earliest first. */
  of(by: string): readonly Remark[] {
    return this.#authors.get(by) ?? [];
  }

  *all(): Generator<Remark> {
    for (const remarks of this.#authors.values()) yield* remarks;
  }

  holds({ subject, by, field, signature }: Remark): boolean {
    const known = this.#subjects.get(subject)?.get(`${by} ${field}`);
    return known?.signature === signature;
  }

  /** Whether `take` would keep it. */
  isNews(remark: Remark): boolean {
    const { subject, by, field } = remark;
    const known = this.#subjects.get(subject)?.get(`${by} ${field}`);
    if (known !== undefined) return outranks(remark, known);
    if (this.#count < this.#room) return true;
    const own = this.of(by);
    const most = this.#mostOf(by, own.length + 1);
    return most !== by || (own.length > 0 && outranks(remark, own[0]!));
  }

  /**
   * Takes in a remark. Without room for all, of the host with most remarks the
   * earliest is dropped. Returns whether that changed anything.
   */
  take(remark: Remark): boolean {
    if (!this.isNews(remark)) return false;
    const { subject, by, field } = remark;
    const known = this.#subjects.get(subject)?.get(`${by} ${field}`);
    if (known !== undefined) this.#remove(known);
    this.#add(remark);
    if (this.#count > this.#room) {
      this.#remove(this.of(this.#mostOf(by, this.of(by).length))[0]!);
      this.dropped++;
    }
    return true;
  }

  /** Takes out a remark. */
  remove(remark: Remark): void {
    if (this.holds(remark)) this.#remove(remark);
  }

  /** The remarks of these buckets. */
  *inBuckets(buckets: ReadonlySet<number>): Generator<Remark> {
    for (const [subject, remarks] of this.#subjects) {
      if (buckets.has(bucketOf(subject))) yield* remarks.values();
    }
  }

  /** The same for two hosts with the same remarks; `null` without any. In base64url. */
  get digest(): string | null {
    if (this.#count === 0) return null;
    return this.#digest ??= sha256(this.table).subarray(0, DIGEST_BYTES)
      .toBase64(BASE64);
  }

  /** A digest of each bucket. */
  get table(): Uint8Array {
    const table = new Uint8Array(TABLE_BYTES);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const digest = this.#digests[bucket] ??= digestOf(this.#buckets[bucket]!);
      table.set(digest, bucket * BUCKET_BYTES);
    }
    return table;
  }

  /** The buckets in which another host has other remarks. */
  differing(table: Uint8Array): Set<number> {
    const own = this.table;
    const found = new Set<number>();
    for (let i = 0; i < TABLE_BYTES; i++) {
      if (table[i] !== own[i]) found.add(Math.floor(i / BUCKET_BYTES));
    }
    return found;
  }

  /** The host with most remarks; of several the one with the largest id. `by` has `count`. */
  #mostOf(by: string, count: number): string {
    let most = by;
    let mostCount = count;
    for (const [author, { length }] of this.#authors) {
      if (author === by) continue;
      if (length < mostCount || (length === mostCount && author < most)) {
        continue;
      }
      most = author;
      mostCount = length;
    }
    return most;
  }

  #add(remark: Remark): void {
    const { subject, by, field } = remark;
    const on = this.#subjects.get(subject) ?? new Map<string, Remark>();
    this.#subjects.set(subject, on.set(`${by} ${field}`, remark));
    const own = this.#authors.get(by) ?? [];
    own.splice(placeOf(remark, own), 0, remark);
    this.#authors.set(by, own);
    this.#count++;
    this.#bucketOf(subject).add(remark.signature);
  }

  #remove(remark: Remark): void {
    const { subject, by, field } = remark;
    const on = this.#subjects.get(subject)!;
    on.delete(`${by} ${field}`);
    if (on.size === 0) this.#subjects.delete(subject);
    const own = this.#authors.get(by)!;
    own.splice(placeOf(remark, own) - 1, 1);
    if (own.length === 0) this.#authors.delete(by);
    this.#count--;
    this.#bucketOf(subject).delete(remark.signature);
  }

  #bucketOf(subject: string): Set<string> {
    const bucket = bucketOf(subject);
    this.#digests[bucket] = null;
    this.#digest = null;
    return this.#buckets[bucket]!;
  }
}

/**
 * So many of them, so that every host keeps its latest ones: as a `RemarkSet`
 * with this room keeps them.
 */
export function fairShare(
  remarks: readonly Remark[],
  most: number,
): readonly Remark[] {
  if (remarks.length <= most) return remarks;
  const set = new RemarkSet(most);
  for (const remark of remarks) set.take(remark);
  return [...set.all()];
}

/** Number of the remarks that are not later than this one. */
function placeOf(remark: Remark, sorted: readonly Remark[]): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (outranks(sorted[middle]!, remark)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/**
 * A hash of all signatures: with a mere sum, whoever makes many remarks could
 * choose some that hide where two hosts differ.
 */
function digestOf(signatures: ReadonlySet<string>): Uint8Array {
  return sha256([...signatures].sort().join("")).subarray(0, BUCKET_BYTES);
}

function sha256(data: string | Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

/** FNV-1a, as 6 bits. */
function bucketOf(subject: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < subject.length; i++) {
    hash = Math.imul(hash ^ subject.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 16) % BUCKETS;
}
