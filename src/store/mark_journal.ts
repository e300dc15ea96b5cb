import { isFileAt } from "../system/file_at.ts";
import { checkOwnFile } from "../system/own_files.ts";
import { reasonOf } from "../system/reason.ts";
import { writeWholeSync } from "../system/write_whole.ts";

/** A larger journal is rewritten with its current entries. */
export const MAX_JOURNAL_BYTES = 1024 * 1024;

/**
 * A file of appended lines, each written when the call returns: it survives any
 * end of the daemon, but not a power cut. It belongs in memory (tmpfs), so
 * nothing waits for a disk.
 */
export class Journal {
  readonly #path: string;
  readonly #encoder = new TextEncoder();
  #file: Deno.FsFile | null = null;
  #bytes = 0;
  /** Size that triggers rewriting. */
  #mostBytes = MAX_JOURNAL_BYTES;
  #failure: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why nothing can be written now; `null` if all is well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Whether it must be rewritten: it grew large, or could not be written. */
  get isDue(): boolean {
    return this.#bytes > this.#mostBytes || this.#failure !== null;
  }

  /** Whether its file was removed or replaced. */
  get isLost(): boolean {
    return this.#file !== null && !isFileAt(this.#path, this.#file.statSync());
  }

  /** Continues the existing file. */
  open(): void {
    this.#guarded(() => this.#append());
  }

  /** Rewrites the file, whole or not at all. */
  replace(text: string): void {
    this.close();
    this.#guarded(() => {
      writeWholeSync(this.#path, text, { synced: false });
      this.#append();
      this.#mostBytes = Math.max(MAX_JOURNAL_BYTES, 2 * this.#bytes);
    });
  }

  /** Appends lines. `failure` reports an error until `replace` repairs it. */
  write(lines: string): void {
    const file = this.#file;
    if (file === null) return;
    this.#guarded(() => {
      const bytes = this.#encoder.encode(lines);
      const written = file.writeSync(bytes);
      if (written < bytes.length) throw new Error("there is no room left");
      this.#bytes += written;
    });
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #append(): void {
    checkOwnFile(this.#path);
    const options = { append: true, create: true, mode: 0o600 };
    this.#file = Deno.openSync(this.#path, options);
    this.#bytes = this.#file.statSync().size;
  }

  #guarded(step: () => void): void {
    try {
      step();
      this.#failure = null;
    } catch (error) {
      this.close();
      this.#failure = `Cannot write ${this.#path}: ${reasonOf(error)}`;
    }
  }
}

/**
 * The last datagram accepted from a host: anything at or below it is a replay,
 * see docs/protocol.md.
 */
export interface Mark {
  /** Host id: 1 to 64 letters, digits, `-` and `_`. */
  readonly id: string;
  readonly boot: number;
  readonly seq: number;
}

/** A mark, and for how long its host is known. */
export interface KeptMark extends Mark {
  /** Number of days on which a datagram of the host was accepted. */
  readonly days: number;
  /** The last of them, in days since 1970. */
  readonly day: number;
}

/** Whether `a` is later than `b`, both of the same host. */
export function isLater(a: Mark, b: Mark): boolean {
  return a.boot > b.boot || (a.boot === b.boot && a.seq > b.seq);
}

/**
 * The files of marks, a line each:
 *
 *     4a73eb2aca0b4a07dd66e41daeccb1f5 1795384020933 17 212 20780 e18d1f9c
 *
 * (1) host id, (2) boot, (3) seq, (4) days on which it was accepted, (5) the
 * last of them, (6) checksum of the text before it. A corrupted digit could
 * lock out a host for ever, or admit a replay, so only intact lines count.
 */

/** Contents of a file of marks. */
interface ReadMarks {
  readonly marks: readonly KeptMark[];
  /** Lines that are not intact marks. */
  readonly damagedLines: number;
}

export function markLine({ id, boot, seq, days, day }: KeptMark): string {
  const said = `${id} ${boot} ${seq} ${days} ${day}`;
  return `${said} ${checksum(said)}\n`;
}

/**
 * Reads the intact lines. An incomplete last line, after the daemon was killed
 * while writing, is no damage.
 */
export function readMarkLines(text: string): ReadMarks {
  const lines = text.split("\n").slice(0, -1);
  const marks = lines.flatMap((line) => readLine(line) ?? []);
  return { marks, damagedLines: lines.length - marks.length };
}

function readLine(line: string): KeptMark | null {
  const [, said = "", id = "", numbers = "", check] = LINE.exec(line) ?? [];
  if (said === "" || checksum(said) !== check) return null;
  const [boot = 0, seq = 0, days = 1, day = 0] = numbers.split(" ").map(Number);
  const areSafe = [boot, seq, days, day].every(Number.isSafeInteger);
  return areSafe ? { id, boot, seq, days, day } : null;
}

/** 32-bit FNV-1a of an ASCII text, in hexadecimal. @see RFC 9923 */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Earlier versions wrote no days. */
const LINE =
  /^(([A-Za-z0-9_-]{1,64}) (\d{1,16} \d{1,16}(?: \d{1,16} \d{1,16})?)) ([0-9a-f]{8})$/;
