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
  #buffer = new Uint8Array(INITIAL_BYTES);
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

const LF = 0x0a;
const INITIAL_BYTES = 256 * 1024;
