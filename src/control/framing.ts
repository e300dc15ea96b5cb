/** Longest line of a client, in bytes, without its newline. */
export const MAX_LINE_BYTES = 64 * 1024;

/** One line from a stream, or what was wrong with it. */
export type Line =
  | { readonly kind: "line"; readonly text: string }
  /** Its bytes are not UTF-8; the next line may be read all the same. */
  | { readonly kind: "not-utf8"; readonly start: string }
  /** It is longer than the limit; nothing after it is read. */
  | { readonly kind: "too-long"; readonly start: string };

/**
 * Bytes in, as they come off a stream; lines out, ended by LF or CR LF.
 * After a line over the limit it stays silent, as nobody can tell where the
 * next begins without reading on for ever.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #held = new Uint8Array(INITIAL_BYTES);
  #heldBytes = 0;
  #dead = false;

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that `chunk` completes. It is copied, so its buffer may be used again. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    while (!this.#dead && from < chunk.length) {
      const newline = chunk.indexOf(LF, from);
      const to = newline < 0 ? chunk.length : newline;
      if (this.#heldBytes + to - from > this.#maxLineBytes) {
        this.#hold(chunk.subarray(from, from + START_BYTES));
        this.#dead = true;
        lines.push({ kind: "too-long", start: this.#start() });
        break;
      }
      this.#hold(chunk.subarray(from, to));
      if (newline < 0) break;
      lines.push(this.#take());
      from = newline + 1;
    }
    return lines;
  }

  /** The last line, when the stream ended without a newline after it. */
  end(): Line[] {
    return this.#dead || this.#heldBytes === 0 ? [] : [this.#take()];
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.max(needed, this.#held.length * 2));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = needed;
  }

  #take(): Line {
    const line = this.#held.subarray(0, this.#heldBytes);
    const bytes = line.at(-1) === CR ? line.subarray(0, -1) : line;
    try {
      return { kind: "line", text: this.#decoder.decode(bytes) };
    } catch {
      return { kind: "not-utf8", start: this.#start() };
    } finally {
      this.#heldBytes = 0;
    }
  }

  #start(): string {
    const length = Math.min(this.#heldBytes, START_BYTES);
    return new TextDecoder().decode(this.#held.subarray(0, length));
  }
}

const LF = 0x0a;
const CR = 0x0d;
const INITIAL_BYTES = 256;
/** So much of a bad line is told, to see what kind of line it was meant to be. */
const START_BYTES = 16;

/** Longest answer that a client takes, in bytes: some 500,000 disks. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * Lines of any length off a stream, fast: each is collected in one growing
 * buffer, searched once for its newline, and decoded once.
 */
export class ReplyReader {
  readonly #source: { read(into: Uint8Array): Promise<number | null> };
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder();
  #buffer = new Uint8Array(INITIAL_ANSWER_BYTES);
  #start = 0;
  #end = 0;

  constructor(
    source: { read(into: Uint8Array): Promise<number | null> },
    maxLineBytes: number = MAX_ANSWER_BYTES,
  ) {
    this.#source = source;
    this.#maxLineBytes = maxLineBytes;
  }

  /**
   * The next line without its newline, `null` at the end of the stream.
   * @throws {RangeError} for a line over `maxLineBytes`; whatever the source throws.
   */
  async next(): Promise<string | null> {
    let searched = this.#start;
    for (;;) {
      const newline = this.#newlineFrom(searched);
      if (newline >= 0) return this.#take(newline);
      this.#makeRoom();
      searched = this.#end;
      const count = await this.#source.read(this.#buffer.subarray(this.#end));
      if (count === null) return null;
      this.#end += count;
    }
  }

  #newlineFrom(index: number): number {
    const found = this.#buffer.subarray(index, this.#end).indexOf(LF);
    return found < 0 ? -1 : index + found;
  }

  #take(newline: number): string {
    const line = this.#buffer.subarray(this.#start, newline);
    this.#start = newline + 1;
    return this.#decoder.decode(line);
  }

  /** Moves what is unread to the front, and doubles the buffer when it is half full then. */
  #makeRoom(): void {
    const unread = this.#buffer.subarray(this.#start, this.#end);
    if (unread.length > this.#maxLineBytes) {
      throw new RangeError(
        `an answer is longer than ${this.#maxLineBytes} bytes`,
      );
    }
    const room = unread.length * 2 > this.#buffer.length
      ? new Uint8Array(this.#buffer.length * 2)
      : this.#buffer;
    if (room !== this.#buffer || this.#start > 0) room.set(unread);
    this.#buffer = room;
    this.#end = unread.length;
    this.#start = 0;
  }
}

const INITIAL_ANSWER_BYTES = 256 * 1024;
