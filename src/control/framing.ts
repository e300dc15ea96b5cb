import { LineSplitter } from "../system/lines.ts";

/** Longest line of a client, in bytes, without its newline. */
export const MAX_LINE_BYTES = 64 * 1024;

/** One line from a client, or what was wrong with it. */
export type Line =
  | { readonly kind: "line"; readonly text: string }
  /** Its bytes are not UTF-8; the next line may be read all the same. */
  | { readonly kind: "not-utf8"; readonly start: string }
  /** It is longer than the limit; nothing after it is read. */
  | { readonly kind: "too-long"; readonly start: string };

/** Bytes in, as a client sends them; lines out, ended by LF or CR LF. */
export class RequestLines {
  readonly #splitter: LineSplitter;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#splitter = new LineSplitter({ maxLineBytes, beyond: "stop" });
  }

  /** The lines that `chunk` completes. It is copied, so its buffer may be used again. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    this.#splitter.push(chunk, (bytes, isCut) => {
      lines.push(this.#read(bytes, isCut));
    });
    return lines;
  }

  /** The last line, when the stream ended without a newline after it. */
  end(): Line[] {
    const lines: Line[] = [];
    this.#splitter.end((bytes) => lines.push(this.#read(bytes, false)));
    return lines;
  }

  #read(line: Uint8Array, isCut: boolean): Line {
    if (isCut) return { kind: "too-long", start: startOf(line) };
    const bytes = line.at(-1) === CR ? line.subarray(0, -1) : line;
    try {
      return { kind: "line", text: this.#decoder.decode(bytes) };
    } catch {
      return { kind: "not-utf8", start: startOf(line) };
    }
  }
}

function startOf(line: Uint8Array): string {
  return new TextDecoder().decode(line.subarray(0, START_BYTES));
}

const CR = 0x0d;
/** So much of a bad line is told, to see what kind of line it was meant to be. */
const START_BYTES = 16;

/** Longest answer that a client takes, in bytes: some 500,000 disks. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Lines of any length off a connection, one at a time; each is decoded once. */
export class ReplyReader {
  readonly #source: { read(into: Uint8Array): Promise<number | null> };
  readonly #splitter: LineSplitter;
  readonly #maxLineBytes: number;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #lines: string[] = [];

  constructor(
    source: { read(into: Uint8Array): Promise<number | null> },
    maxLineBytes: number = MAX_ANSWER_BYTES,
  ) {
    this.#source = source;
    this.#maxLineBytes = maxLineBytes;
    this.#splitter = new LineSplitter({ maxLineBytes, beyond: "stop" });
  }

  /**
   * The next line without its newline, `null` at the end of the stream.
   * @throws {RangeError} for a line over `maxLineBytes`; whatever the source throws.
   */
  async next(): Promise<string | null> {
    while (this.#lines.length === 0) {
      const count = await this.#source.read(this.#buffer);
      if (count === null) return null;
      this.#splitter.push(this.#buffer.subarray(0, count), (bytes, isCut) => {
        if (isCut) throw this.#tooLong();
        this.#lines.push(this.#decoder.decode(bytes));
      });
    }
    return this.#lines.shift()!;
  }

  #tooLong(): RangeError {
    return new RangeError(
      `an answer is longer than ${this.#maxLineBytes} bytes`,
    );
  }
}

const READ_BYTES = 256 * 1024;
