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

/** Lines longer than this come in pieces, in bytes: the lists of some 5,000 disks. */
const LONG_LINE_BYTES = 4 * 1024 * 1024;

/** A line of the daemon, or a piece of a long one. */
interface ReplyLine {
  readonly text: string;
  /** Whether more of this line follows. */
  readonly hasMore: boolean;
}

/** Reads lines of any length from a connection, long ones in pieces. */
export class ReplyReader {
  readonly #source: { read(into: Uint8Array): Promise<number | null> };
  readonly #splitter: LineSplitter;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #lines: ReplyLine[] = [];

  constructor(
    source: { read(into: Uint8Array): Promise<number | null> },
    maxLineBytes: number = LONG_LINE_BYTES,
  ) {
    this.#source = source;
    this.#splitter = new LineSplitter({ maxLineBytes, beyond: "pieces" });
  }

  /**
   * The next line without its newline, or the next piece; `null` at the end of
   * the stream.
   * @throws any error of the source.
   */
  async next(): Promise<ReplyLine | null> {
    while (this.#lines.length === 0) {
      const count = await this.#source.read(this.#buffer);
      if (count === null) return null;
      this.#splitter.push(this.#buffer.subarray(0, count), (bytes, hasMore) => {
        const text = this.#decoder.decode(bytes, { stream: hasMore });
        this.#lines.push({ text, hasMore });
      });
    }
    return this.#lines.shift()!;
  }
}

const READ_BYTES = 256 * 1024;
