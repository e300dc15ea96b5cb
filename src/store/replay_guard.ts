import { checkOwnFile, makeOwnDirectory } from "../system/own_files.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWhole } from "../system/write_whole.ts";
import {
  isLater,
  Journal,
  type Mark,
  markLine,
  readMarkLines,
} from "./mark_journal.ts";

/**
 * Remembers the last datagram accepted from each host, so that it is never
 * accepted again, even after a restart of the daemon.
 *
 * Two files hold it, and the later mark of both counts. The journal, beside the
 * control socket and so in memory, has each mark before its datagram has any
 * effect; it survives a killed daemon. The snapshot, in the state directory, is
 * written from time to time; it survives a reboot.
 */

/** Longest part of a file that is read; files of diskd are shorter. */
const MAX_READ_BYTES = 16 * 1024 * 1024;

export interface ReplayGuardOptions {
  /** Path of the journal. */
  readonly journal: string;
  /** Path of the snapshot. */
  readonly snapshot: string;
  /** Largest number of hosts; the ones accepted last are kept. */
  readonly most: number;
}

export class ReplayGuard {
  readonly #options: ReplayGuardOptions;
  readonly #table: MarkTable;
  readonly #journal: Journal;
  readonly #damage: readonly string[];
  #snapshotFailure: string | null = null;
  #saving: Promise<void> = Promise.resolve();

  /** Reads both files, without writing. Never throws. */
  constructor(options: ReplayGuardOptions) {
    this.#options = options;
    this.#table = new MarkTable(options.most);
    this.#journal = new Journal(options.journal);
    this.#damage = [options.snapshot, options.journal]
      .flatMap((path) => this.#read(path));
  }

  /** In the order accepted, last one last. */
  get marks(): Iterable<Mark> {
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
    for (const mark of marks) this.#table.note(mark);
    this.#journal.write(marks.map(markLine).join(""));
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
    const { snapshot } = this.#options;
    try {
      const directory = snapshot.slice(0, snapshot.lastIndexOf("/"));
      makeOwnDirectory(directory, 0o700);
      await writeWhole(snapshot, this.#text(), { synced });
      this.#snapshotFailure = null;
    } catch (error) {
      this.#snapshotFailure = `Cannot write ${snapshot}: ${reasonOf(error)}`;
    }
  }

  /** Returns the problems with a file, a sentence each. */
  #read(path: string): string[] {
    try {
      const text = readStart(path);
      if (text === null) return [];
      const { marks, damagedLines } = readMarkLines(text);
      for (const mark of marks) this.#table.note(mark);
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

/** The last mark of each host, for the hosts accepted last. */
class MarkTable {
  /** In the order accepted, last one last. */
  readonly #marks = new Map<string, Mark>();
  readonly #most: number;

  /** Keeps the marks of at most `most` hosts. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Records a mark; an earlier one of its host changes only the order. */
  note(mark: Mark): void {
    const known = this.#marks.get(mark.id);
    this.#marks.delete(mark.id);
    this.#marks.set(
      mark.id,
      known === undefined || isLater(mark, known) ? mark : known,
    );
    if (this.#marks.size <= this.#most) return;
    const [oldest] = this.#marks.keys();
    this.#marks.delete(oldest!);
  }

  /** In the order accepted, last one last. */
  values(): IterableIterator<Mark> {
    return this.#marks.values();
  }
}
