import type { Disk } from "./disk.ts";
import {
  ALIAS,
  driveSubjectOf,
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
import { fairShare, RemarkSet } from "./remark_set.ts";
import { type Resolved, resolveDisks } from "./resolve.ts";

/** Disks on which people may make remarks, apart from those that are cleared. */
export const MAX_SUBJECTS = 4_096;

/** Hosts remembered that proved a shared key; more are only those with remarks. */
const MAX_PROVEN = 20_000;

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

type ReadonlyRemarks = Omit<RemarkSet, "take" | "remove">;

/** A remark, as it is kept and passed on. */
export interface RemarkWithProof {
  readonly remark: Remark;
  /** Whether its host has proved a shared key. */
  readonly isProven: boolean;
}

/** The same for a file, or an export. */
export type ExportedRemark = Remark & { readonly isProven?: true };

export function exported(
  { remark, isProven }: RemarkWithProof,
): ExportedRemark {
  return isProven ? { ...remark, isProven } : remark;
}

/**
 * All remarks of all hosts, and which of them count. Whoever takes one in has
 * checked its form and its signature.
 *
 * Where a shared key is demanded, remarks of hosts that never proved one are set
 * aside: they neither count nor spread, until their host proves a key, or the
 * demand ends.
 */
export class Remarks {
  #counting = new RemarkSet();
  #aside = new RemarkSet();
  readonly #said = new Map<string, RemarksOnDisk>();
  /** Ids of hosts that proved a shared key, in this run or an earlier one. */
  readonly #proven = new Set<string>();
  #demandsProof = false;
  /** Grows with each change. */
  revision = 0;

  /** What counts and spreads, for whoever compares it with another host's. */
  get counting(): ReadonlyRemarks {
    return this.#counting;
  }

  /** What is set aside. */
  get aside(): ReadonlyRemarks {
    return this.#aside;
  }

  /** Number of disks with remarks, cleared ones included. */
  get size(): number {
    return this.#counting.disks;
  }

  /** The same for two hosts with the same remarks; `null` without any. In base64url. */
  get digest(): string | null {
    return this.#counting.digest;
  }

  /** Whether only hosts that proved a shared key have a say from now on. */
  demandProof(isDemanded: boolean): void {
    if (this.#demandsProof === isDemanded) return;
    this.#demandsProof = isDemanded;
    const all = [...this.#counting.all(), ...this.#aside.all()];
    this.#counting = new RemarkSet();
    this.#aside = new RemarkSet();
    for (const remark of all) this.#setOf(remark.by).take(remark);
    this.#changed();
  }

  /** A host has proved a shared key. */
  prove(by: string): void {
    if (this.#proven.has(by)) return;
    this.#proven.add(by);
    if (this.#proven.size > MAX_PROVEN) this.#forgetProven();
    const returning = this.#demandsProof ? [...this.#aside.of(by)] : [];
    for (const remark of returning) {
      this.#aside.remove(remark);
      this.#counting.take(remark);
    }
    if (this.#counting.of(by).length > 0) this.#changed();
  }

  isProven(by: string): boolean {
    return this.#proven.has(by);
  }

  /** Whether remarks of this host count. */
  isHeeded(by: string): boolean {
    return !this.#demandsProof || this.#proven.has(by);
  }

  /** What counts on a disk. */
  on(subject: string | null): RemarksOnDisk {
    if (subject === null || this.size === 0) return NOTHING_SAID;
    const known = this.#said.get(subject);
    if (known !== undefined) return known;
    const latest = this.#latestOn(subject);
    if (latest.size === 0) return NOTHING_SAID;
    const said = onDisk(latest);
    this.#said.set(subject, said);
    return said;
  }

  /** Whether something was said of it that is not cleared. */
  has(subject: string): boolean {
    const { name, note, tags } = this.on(subject);
    return name !== null || note !== null || tags.length > 0;
  }

  /**
   * The same of a disk: what was said of it, and of the drive that it is or lies
   * on, unless something else was said of the disk in that field.
   */
  onDisk(disk: Parameters<typeof subjectOf>[0]): RemarksOnDisk {
    if (this.size === 0) return NOTHING_SAID;
    const [subject, drive] = [subjectOf(disk), driveSubjectOf(disk)];
    const own = this.on(subject);
    const below = drive === subject ? NOTHING_SAID : this.on(drive);
    if (below === NOTHING_SAID) return own;
    const isOpen = (field: RemarkField) =>
      subject === null || this.find(subject, field) === undefined;
    const tags = below.tags.filter(({ field }) => isOpen(field));
    return {
      name: isOpen(ALIAS) ? below.name : own.name,
      note: isOpen(NOTE) ? below.note : own.note,
      tags: [...own.tags, ...tags].sort((a, b) => a.field < b.field ? -1 : 1),
      label: own.label,
    };
  }

  /** The disk with the name that somebody gave it, for the resolver. */
  named<T extends Disk>(disk: T): T & { readonly alias?: string } {
    const name = this.size === 0 ? null : this.onDisk(disk).name;
    return name === null ? disk : { ...disk, alias: name.value! };
  }

  /** The disks that were given such a name, or have such a label or identifier. */
  called(name: string): Resolved<string> {
    return resolveDisks(name, this.spoken(), {
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

  /** The disks whose note fits. */
  noted(fits: (note: string) => boolean): string[] {
    return [...this.spoken()].filter((subject) => {
      const { note } = this.on(subject);
      return note !== null && fits(note.value!);
    });
  }

  /** Disks of which something was said that is not cleared. */
  *spoken(): Generator<string> {
    for (const subject of this.#counting.subjects()) {
      if (this.has(subject)) yield subject;
    }
  }

  /** The remark that counts. */
  find(subject: string, field: RemarkField): Remark | undefined {
    return this.#latestOn(subject).get(field);
  }

  /** Whether `take` would keep it. */
  isNews(remark: Remark): boolean {
    return this.#setOf(remark.by).isNews(remark);
  }

  /** Takes in a remark. Returns whether that changed anything. */
  take(remark: Remark): boolean {
    if (!this.#setOf(remark.by).take(remark)) return false;
    this.#changed();
    return true;
  }

  /** Takes out a remark. */
  remove(remark: Remark): void {
    this.#setOf(remark.by).remove(remark);
    this.#changed();
  }

  /** All remarks, for a file. */
  *kept(): Generator<RemarkWithProof> {
    yield* this.proven(this.#counting.all());
    yield* this.proven(this.#aside.all());
  }

  /** These, with the proofs of their hosts. */
  *proven(remarks: Iterable<Remark>): Generator<RemarkWithProof> {
    for (const remark of remarks) {
      yield { remark, isProven: this.#proven.has(remark.by) };
    }
  }

  /** Takes in what was kept. */
  keep({ remark, isProven }: RemarkWithProof): void {
    if (isProven) this.prove(remark.by);
    this.take(remark);
  }

  /** The names that disks were given. */
  *names(): Generator<Remark> {
    for (const subject of this.#counting.subjects()) {
      const { name } = this.on(subject);
      if (name !== null) yield name;
    }
  }

  #latestOn(subject: string): ReadonlyMap<RemarkField, Remark> {
    const latest = new Map<RemarkField, Remark>();
    for (const remark of this.#counting.on(subject)) {
      const known = latest.get(remark.field);
      if (known !== undefined && outranks(known, remark)) continue;
      latest.set(remark.field, remark);
    }
    return latest;
  }

  #setOf(by: string): RemarkSet {
    return this.isHeeded(by) ? this.#counting : this.#aside;
  }

  #changed(): void {
    this.#said.clear();
    this.revision++;
  }

  #forgetProven(): void {
    for (const by of this.#proven) {
      const isSilent = this.#counting.of(by).length === 0;
      if (isSilent) this.#proven.delete(by);
      if (this.#proven.size <= MAX_PROVEN / 2) return;
    }
  }
}

function onDisk(latest: ReadonlyMap<RemarkField, Remark>): RemarksOnDisk {
  const said = (field: RemarkField) => {
    const remark = latest.get(field);
    return remark === undefined || remark.value === null ? null : remark;
  };
  const tags = [...latest.values()]
    .filter(({ field, value }) => tagIn(field) !== null && value !== null);
  return {
    name: said(ALIAS),
    note: said(NOTE),
    tags: fairShare(tags, MAX_TAGS).toSorted((a, b) =>
      a.field < b.field ? -1 : 1
    ),
    label: said(LABEL),
  };
}
