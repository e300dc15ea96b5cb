import { LineSplitter } from "../system/lines.ts";

/** Longest line of a client, in bytes, without its newline. */
export const MAX_LINE_BYTES = 64 * 1024;

/** A line from a client, or its fault. */
export type Line =
  | { readonly kind: "line"; readonly text: string }
  /** Not UTF-8; further lines may still be read. */
  | { readonly kind: "not-utf8"; readonly start: string }
  /** Longer than the limit; nothing after it is read. */
  | { readonly kind: "too-long"; readonly start: string };

/** Splits the bytes of a client into lines, ended by LF or CR LF. */
export class RequestLines {
  readonly #splitter: LineSplitter;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#splitter = new LineSplitter({ maxLineBytes, beyond: "stop" });
  }

  /** The lines completed by `chunk`. It is copied, so its buffer may be reused. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    this.#splitter.push(chunk, (bytes, isCut) => {
      lines.push(this.#read(bytes, isCut));
    });
    return lines;
  }

  /** The last line of a stream that ended without a newline. */
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
/** Length of the quoted start of a bad line. */
const START_BYTES = 16;

/** Longest answer accepted by a client, in bytes: some 500,000 disks. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Reads lines of any length from a connection; each is decoded once. */
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
   * The next line without its newline; `null` at the end of the stream.
   * @throws {RangeError} for a line over `maxLineBytes`, and any error of the
   * source.
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
