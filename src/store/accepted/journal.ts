import { reasonOf } from "../../system/reason.ts";

/** A journal larger than this is written anew with what counts of it. */
export const MAX_JOURNAL_BYTES = 1024 * 1024;

/**
 * A file that each line is appended to as it comes, and is in as soon as the
 * call returns: it outlives the daemon however that ends, and not the power.
 * It is meant to be in memory (tmpfs), so nothing waits for a disk.
 */
export class Journal {
  readonly #path: string;
  readonly #encoder = new TextEncoder();
  #file: Deno.FsFile | null = null;
  #bytes = 0;
  /** Beyond this it is to be written anew. */
  #mostBytes = MAX_JOURNAL_BYTES;
  #failure: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why nothing is written to it now; `null` where it is. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Whether it is to be written anew: it grew large, or could not be written. */
  get isDue(): boolean {
    return this.#bytes > this.#mostBytes || this.#failure !== null;
  }

  /** Goes on with the file that is there. */
  open(): void {
    this.#guarded(() => this.#append());
  }

  /** Writes the file anew, whole or not at all. */
  replace(text: string): void {
    this.close();
    this.#guarded(() => {
      const temporary = `${this.#path}.new`;
      Deno.writeTextFileSync(temporary, text, { mode: 0o600 });
      Deno.renameSync(temporary, this.#path);
      this.#append();
      this.#mostBytes = Math.max(MAX_JOURNAL_BYTES, 2 * this.#bytes);
    });
  }

  /** Appends a line. What fails is told by `failure`, until `replace` mends it. */
  write(line: string): void {
    const file = this.#file;
    if (file === null) return;
    this.#guarded(() => {
      const bytes = this.#encoder.encode(line);
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
