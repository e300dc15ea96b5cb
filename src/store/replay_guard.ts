import { checkOwnFile, makeOwnDirectory } from "../system/own_files.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWhole } from "../system/write_whole.ts";
import {
  Journal,
  type KeptMark,
  type Mark,
  markLine,
  readMarkLines,
} from "./mark_journal.ts";
import { MarkTable } from "./mark_table.ts";

/**
 * Remembers the last datagram accepted from each host, so that it is never
 * accepted again, even after a restart of the daemon.
 *
 * Two files hold it, and the later mark of both counts. The journal, beside the
 * control socket and so in memory, has each mark before its datagram has any
 * effect; it survives a killed daemon. The snapshot, in the state directory, is
 * brought up to date from time to time; it survives a reboot. What is new is
 * appended to it, and all is written only when the file has become twice as
 * long as needed: so less is written than was received.
 */

/** Longest part of a file that is read; files of diskd are shorter. */
const MAX_READ_BYTES = 16 * 1024 * 1024;

export interface ReplayGuardOptions {
  /** Path of the journal. */
  readonly journal: string;
  /** Path of the snapshot. */
  readonly snapshot: string;
  /** Largest number of hosts; the ones known for longest are kept. */
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

export class ReplayGuard {
  readonly #options: ReplayGuardOptions;
  readonly #table: MarkTable;
  readonly #journal: Journal;
  readonly #damage: readonly string[];
  #snapshotFailure: string | null = null;
  #saving: Promise<void> = Promise.resolve();
  /** Ids of the marks that are not in the snapshot. */
  #unsaved = new Set<string>();
  /** Length of the snapshot as we wrote it; `null`: it must be written anew. */
  #snapshotBytes: number | null = null;
  /** Lines of the snapshot. */
  #snapshotLines = 0;

  /** Reads both files, without writing. Never throws. */
  constructor(options: ReplayGuardOptions) {
    this.#options = options;
    this.#table = new MarkTable(options.most);
    this.#journal = new Journal(options.journal);
    this.#damage = [options.snapshot, options.journal]
      .flatMap((path) => this.#read(path));
  }

  /** In the order accepted, last one last. */
  get marks(): Iterable<KeptMark> {
    return this.#table.values();
  }

  /** Problems with the files, a sentence each. */
  get problems(): readonly string[] {
    const failures = [this.#journal.failure, this.#snapshotFailure]
      .filter((failure) => failure !== null);
    return [
      ...this.#damage,
      ...failures.map((failure) =>
        `${failure}. Until this is fixed and diskd is restarted, replays of other ` +
        "hosts' datagrams may be believed; make " +
        "the directory writable, or name another with --socket or --state-dir"
      ),
    ];
  }

  /** Begins writing. Rewrites a damaged journal. */
  start(): void {
    if (this.#damage.length > 0) this.#rewrite();
    else this.#journal.open();
  }

  /** Records marks; they are in the journal when this returns. */
  note(...marks: readonly Mark[]): void {
    const today = Math.floor(this.#options.wallClock() / DAY_MS);
    let lines = "";
    for (const mark of marks) {
      lines += markLine(this.#table.note(mark, today));
      this.#unsaved.add(mark.id);
    }
    this.#journal.write(lines);
    if (this.#journal.isDue && this.#journal.failure === null) this.#rewrite();
  }

  /** Writes the journal anew if it was removed or replaced, or could not be written. Returns its path if it was lost. */
  keepJournal(): string | null {
    const { isLost, failure } = this.#journal;
    if (isLost || failure !== null) this.#rewrite();
    return isLost ? this.#options.journal : null;
  }

  /** Writes the snapshot and waits for the disk. The next call retries after a failure. */
  async save(): Promise<void> {
    if (this.#journal.failure !== null) this.#rewrite();
    this.#saving = this.#saving.then(() => this.#write({ synced: true }));
    await this.#saving;
  }

  /** Writes the snapshot, and nothing afterwards. */
  async stop(): Promise<void> {
    this.#journal.close();
    await this.#saving;
    // The kernel has it; a stopping daemon does not wait for the disk.
    await this.#write({ synced: false });
  }

  #rewrite(): void {
    this.#journal.replace(this.#text());
  }

  #text(): string {
    return Array.from(this.#table.values(), markLine).join("");
  }

  async #write({ synced }: { readonly synced: boolean }): Promise<void> {
    const unsaved = this.#unsaved;
    this.#unsaved = new Set();
    try {
      if (!await this.#append(unsaved, synced)) await this.#writeAll(synced);
      this.#snapshotFailure = null;
    } catch (error) {
      this.#snapshotBytes = null;
      this.#snapshotFailure = `Cannot write ${this.#options.snapshot}: ${
        reasonOf(error)
      }`;
    }
  }

  async #writeAll(synced: boolean): Promise<void> {
    const { snapshot } = this.#options;
    const directory = snapshot.slice(0, snapshot.lastIndexOf("/"));
    makeOwnDirectory(directory, 0o700);
    const text = this.#text();
    this.#snapshotLines = this.#table.size;
    await writeWhole(snapshot, text, { synced });
    this.#snapshotBytes = text.length;
  }

  /** Appends the marks of these hosts. Returns false if all must be written instead. */
  async #append(ids: Iterable<string>, synced: boolean): Promise<boolean> {
    const marks = [...ids].flatMap((id) => this.#table.get(id) ?? []);
    const lines = this.#snapshotLines + marks.length;
    if (this.#snapshotBytes === null) return false;
    if (lines > 2 * this.#table.size + LEAST_LINES) return false;
    const bytes = new TextEncoder().encode(marks.map(markLine).join(""));
    const isWritten = await appendTo(this.#options.snapshot, bytes, {
      synced,
      length: this.#snapshotBytes,
    });
    if (!isWritten) return false;
    this.#snapshotBytes += bytes.length;
    this.#snapshotLines = lines;
    return true;
  }

  /** Returns the problems with a file, a sentence each. */
  #read(path: string): string[] {
    try {
      const text = readStart(path);
      if (text === null) return [];
      const { marks, damagedLines } = readMarkLines(text);
      for (const mark of marks) this.#table.restore(mark);
      return damagedLines === 0 ? [] : [
        `${path} has ${damagedLines} damaged ${
          damagedLines === 1 ? "line" : "lines"
        }, now ignored: replays of their hosts' datagrams may be believed`,
      ];
    } catch (error) {
      return [
        `Cannot read ${path}: ${
          reasonOf(error)
        }. Replays of other hosts' datagrams may be believed`,
      ];
    }
  }
}

/** `null` if there is no such file. Invalid UTF-8 damages only its line. */
function readStart(path: string): string | null {
  checkOwnFile(path);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  using opened = file;
  const { size } = opened.statSync();
  const bytes = new Uint8Array(Math.min(size, MAX_READ_BYTES));
  let read = 0;
  while (read < bytes.length) {
    const count = opened.readSync(bytes.subarray(read));
    if (count === null) break;
    read += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, read));
}

/** Appends to a file of this length; returns false if there is none. */
async function appendTo(
  path: string,
  bytes: Uint8Array,
  { length, synced }: { readonly length: number; readonly synced: boolean },
): Promise<boolean> {
  checkOwnFile(path);
  const info = await Deno.lstat(path).catch(() => null);
  if (!info?.isFile || info.size !== length) return false;
  using file = await Deno.open(path, { append: true });
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
  if (synced) await file.syncData();
  return true;
}

const DAY_MS = 86_400_000;

/** Lines of a snapshot that are never too many. */
const LEAST_LINES = 1_000;
