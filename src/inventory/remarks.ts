import type { Disk } from "./disk.ts";
import {
  ALIAS,
  LABEL,
  MAX_TAGS,
  NOTE,
  outranks,
  type Remark,
  type RemarkField,
  splitSubject,
  subjectOf,
  tagIn,
} from "./remark.ts";

import { type Resolved, resolveDisks } from "./resolve.ts";

/** Disks with remarks, cleared ones included. */
export const MAX_SUBJECTS = 4_096;
/** Fields of a disk: name, note, tags, and as many that were cleared. */
export const MAX_FIELDS = 2 * (MAX_TAGS + 2);

/** Parts into which the disks are divided to find where two hosts differ. */
export const BUCKETS = 64;
/** Bytes of the digest of a bucket. */
const BUCKET_BYTES = 6;
/** Bytes of the digest of all. */
export const DIGEST_BYTES = 8;
/** Length of `table`. */
export const TABLE_BYTES = BUCKETS * BUCKET_BYTES;

/** What counts of the remarks on a disk. */
interface RemarksOnDisk {
  readonly name: Remark | null;
  readonly note: Remark | null;
  /** By tag. */
  readonly tags: readonly Remark[];
  /** The label that it had. */
  readonly label: Remark | null;
}

const NOTHING_SAID: RemarksOnDisk = {
  name: null,
  note: null,
  tags: [],
  label: null,
};

/**
 * All remarks that count, of all hosts. Two hosts that took in the same remarks
 * have the same, in whichever order they came. Whoever takes one in has checked
 * its form and its signature.
 */
export class Remarks {
  readonly #subjects = new Map<string, Map<RemarkField, Remark>>();
  readonly #said = new Map<string, RemarksOnDisk>();
  readonly #table = new Uint8Array(TABLE_BYTES);
  readonly #digest = new Uint8Array(DIGEST_BYTES);
  /** Grows with each change. */
  revision = 0;
  /** Number of remarks that were dropped for want of room. */
  dropped = 0;

  /** Number of disks with remarks, cleared ones included. */
  get size(): number {
    return this.#subjects.size;
  }

  /** What counts on a disk. */
  on(subject: string | null): RemarksOnDisk {
    if (subject === null || this.#subjects.size === 0) return NOTHING_SAID;
    const known = this.#said.get(subject);
    if (known !== undefined) return known;
    const fields = this.#subjects.get(subject);
    if (fields === undefined) return NOTHING_SAID;
    const said = onDisk(fields);
    this.#said.set(subject, said);
    return said;
  }

  has(subject: string): boolean {
    return this.#subjects.has(subject);
  }

  /** The disk with the name that somebody gave it, for the resolver. */
  named<T extends Disk>(disk: T): T & { readonly alias?: string } {
    const name = this.#subjects.size === 0
      ? null
      : this.on(subjectOf(disk)).name;
    return name === null ? disk : { ...disk, alias: name.value! };
  }

  /** The disks that were given such a name, or have such a label or identifier. */
  called(name: string): Resolved<string> {
    return resolveDisks(name, this.#spoken(), {
      diskOf: (subject) => {
        const { name, label } = this.on(subject);
        const [field, identifier] = splitSubject(subject);
        return {
          alias: name?.value ?? null,
          label: label?.value ?? null,
          [field]: identifier,
        };
      },
    });
  }

  /** Disks of which something was said that is not cleared. */
  *#spoken(): Generator<string> {
    for (const [subject, fields] of this.#subjects) {
      if (!isCleared(fields)) yield subject;
    }
  }

  find(subject: string, field: RemarkField): Remark | undefined {
    return this.#subjects.get(subject)?.get(field);
  }

  /** Whether it would replace what is known. */
  isNews(remark: Remark): boolean {
    const known = this.find(remark.subject, remark.field);
    return known === undefined || outranks(remark, known);
  }

  /** Takes in a remark. Returns whether that changed anything. */
  take(remark: Remark): boolean {
    if (!this.isNews(remark)) return false;
    const { subject, field } = remark;
    const fields = this.#subjects.get(subject) ??
      new Map<RemarkField, Remark>();
    this.#subjects.set(subject, fields);
    const replaced = fields.get(field);
    if (replaced !== undefined) this.#remove(fields, replaced);
    this.#add(fields, remark);
    if (fields.size > MAX_FIELDS) this.#dropField(fields);
    if (this.#subjects.size > MAX_SUBJECTS) this.#dropSubject();
    return fields.get(field) === remark && this.#subjects.has(subject);
  }

  *all(): Generator<Remark> {
    for (const fields of this.#subjects.values()) yield* fields.values();
  }

  /** The names that disks were given. */
  *names(): Generator<Remark> {
    for (const subject of this.#subjects.keys()) {
      const { name } = this.on(subject);
      if (name !== null) yield name;
    }
  }

  /** The remarks of these buckets. */
  *inBuckets(buckets: ReadonlySet<number>): Generator<Remark> {
    for (const [subject, fields] of this.#subjects) {
      if (buckets.has(bucketOf(subject))) yield* fields.values();
    }
  }

  /** The same for two hosts with the same remarks; `null` without any. In base64url. */
  get digest(): string | null {
    return this.#subjects.size === 0
      ? null
      : this.#digest.toBase64({ alphabet: "base64url", omitPadding: true });
  }

  /** A digest of each bucket. */
  get table(): Uint8Array {
    return this.#table.slice();
  }

  /** The buckets in which another host has other remarks. */
  differing(table: Uint8Array): Set<number> {
    const found = new Set<number>();
    for (let i = 0; i < TABLE_BYTES; i++) {
      if (table[i] !== this.#table[i]) found.add(Math.floor(i / BUCKET_BYTES));
    }
    return found;
  }

  #add(fields: Map<RemarkField, Remark>, remark: Remark): void {
    fields.set(remark.field, remark);
    this.#changed(remark);
  }

  #remove(fields: Map<RemarkField, Remark>, remark: Remark): void {
    fields.delete(remark.field);
    this.#changed(remark);
  }

  /** Signatures are as good as random, and each remark has another one. */
  #changed({ subject, signature }: Remark): void {
    const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
    for (let i = 0; i < DIGEST_BYTES; i++) this.#digest[i]! ^= bytes[i]!;
    const start = bucketOf(subject) * BUCKET_BYTES;
    for (let i = 0; i < BUCKET_BYTES; i++) this.#table[start + i]! ^= bytes[i]!;
    this.#said.delete(subject);
    this.revision++;
  }

  /** Of too many fields of a disk: the earliest that is cleared, else the earliest. */
  #dropField(fields: Map<RemarkField, Remark>): void {
    const all = [...fields.values()];
    const cleared = all.filter(({ value }) => value === null);
    const dropped = earliest(cleared.length > 0 ? cleared : all);
    this.#remove(fields, dropped);
    this.dropped++;
  }

  /**
   * Of too many disks: the one with nothing but clearings that was cleared
   * first; else of the host that said something of most disks, the one of which
   * it spoke first. So whoever says much pushes out nothing but his own.
   */
  #dropSubject(): void {
    const latest = [...this.#subjects.values()].map((fields) => ({
      fields,
      remark: [...fields.values()].reduce((a, b) => outranks(a, b) ? a : b),
    }));
    const cleared = latest.filter(({ fields }) => isCleared(fields));
    const by = Map.groupBy(latest, ({ remark }) => remark.by);
    const [, most] = [...by].reduce((a, b) =>
      a[1].length > b[1].length ||
        (a[1].length === b[1].length && a[0] > b[0])
        ? a
        : b
    );
    const candidates = cleared.length > 0 ? cleared : most;
    const { fields, remark } = candidates.reduce((a, b) =>
      outranks(a.remark, b.remark) ? b : a
    );
    for (const one of [...fields.values()]) {
      this.#remove(fields, one);
      this.dropped++;
    }
    this.#subjects.delete(remark.subject);
  }
}

function onDisk(fields: ReadonlyMap<RemarkField, Remark>): RemarksOnDisk {
  const tags = [...fields.values()]
    .filter(({ field, value }) => tagIn(field) !== null && value !== null)
    .sort((a, b) => outranks(a, b) ? -1 : 1)
    .slice(0, MAX_TAGS)
    .sort((a, b) => a.field < b.field ? -1 : 1);
  const said = (field: RemarkField) => {
    const remark = fields.get(field);
    return remark === undefined || remark.value === null ? null : remark;
  };
  return { name: said(ALIAS), note: said(NOTE), tags, label: said(LABEL) };
}

/** A label alone says nothing. */
function isCleared(fields: ReadonlyMap<RemarkField, Remark>): boolean {
  for (const { field, value } of fields.values()) {
    if (value !== null && field !== LABEL) return false;
  }
  return true;
}

function earliest(remarks: readonly Remark[]): Remark {
  return remarks.reduce((a, b) => outranks(a, b) ? b : a);
}

/** FNV-1a, as 6 bits. */
function bucketOf(subject: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < subject.length; i++) {
    hash = Math.imul(hash ^ subject.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 16) % BUCKETS;
}
