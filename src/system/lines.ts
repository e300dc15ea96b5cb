import { nextChunk } from "./run_program.ts";

/** How to split. */
interface LineSplitterOptions {
  /** Length of a line without its newline. */
  readonly maxLineBytes: number;
  /**
   * Treatment of a longer line: `cut` delivers its beginning when it ends;
   * `stop` delivers its beginning at once and nothing more, because the next
   * line may be arbitrarily far away; `pieces` delivers all of it, each time
   * there is so much of it.
   */
  readonly beyond: "cut" | "stop" | "pieces";
}

/**
 * Receives a line without its newline, valid until it returns. `isCut` means
 * the line was longer; the rest of it follows if it comes in `pieces`.
 */
type OnLine = (bytes: Uint8Array, isCut: boolean) => void;

/** Splits a stream of bytes into lines ended by LF. The only line splitter of diskd. */
export class LineSplitter {
  readonly #options: LineSplitterOptions;
  #held = new Uint8Array(INITIAL_BYTES);
  #size = 0;
  #isCut = false;
  #isDead = false;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  /** Delivers the lines completed by `chunk`. Copies the rest, so its buffer may be reused. */
  push(chunk: Uint8Array, onLine: OnLine): void {
    let from = 0;
    while (!this.#isDead && from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const to = newline < 0 ? chunk.length : newline;
      this.#hold(chunk.subarray(from, to));
      const { beyond } = this.#options;
      if (this.#isCut && beyond === "pieces") {
        this.#take(onLine);
        if (newline < 0) return;
      } else if (this.#isCut && beyond === "stop") this.#isDead = true;
      else if (newline < 0) return;
      this.#take(onLine);
      from = to + 1;
    }
  }

  /** Delivers the last line of a stream that ended without a newline. */
  end(onLine: OnLine): void {
    if (!this.#isDead && this.#size > 0) this.#take(onLine);
  }

  #hold(piece: Uint8Array): void {
    const room = this.#options.maxLineBytes - this.#size;
    const isOver = piece.length > room;
    this.#isCut ||= isOver;
    const kept = isOver && this.#options.beyond === "cut"
      ? piece.subarray(0, room)
      : piece;
    const needed = this.#size + kept.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.max(needed, this.#held.length * 2));
      larger.set(this.#held.subarray(0, this.#size));
      this.#held = larger;
    }
    this.#held.set(kept, this.#size);
    this.#size = needed;
  }

  #take(onLine: OnLine): void {
    const line = this.#held.subarray(0, this.#size);
    const isCut = this.#isCut;
    this.#size = 0;
    this.#isCut = false;
    onLine(line, isCut);
  }
}

const NEWLINE = 0x0a;
const INITIAL_BYTES = 256;

/** How to read lines. */
interface ReadLinesOptions {
  /** Bytes kept of a line; the rest is dropped. */
  readonly maxLineBytes: number;
  /** Receives each line without its newline, with invalid UTF-8 replaced. Must not throw. */
  readonly onLine: (line: string) => void;
}

/** A stream read line by line. */
export interface ReadingLines {
  /** Settles at the end of the stream, or when cancelled. Never rejects. */
  readonly ended: Promise<void>;
  /** Delivers no more lines, and frees the stream. */
  cancel(): void;
}

/**
 * Delivers the lines of a stream as they arrive; the last one needs no newline.
 * Keeps at most one line.
 */
export function readLines(
  stream: ReadableStream<Uint8Array>,
  { maxLineBytes, onLine }: ReadLinesOptions,
): ReadingLines {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let isCancelled = false;
  const take: OnLine = (bytes) => {
    if (!isCancelled) onLine(decoder.decode(bytes));
  };
  async function readAll(): Promise<void> {
    const splitter = new LineSplitter({ maxLineBytes, beyond: "cut" });
    for (;;) {
      const chunk = await nextChunk(reader);
      if (chunk === null) break;
      splitter.push(chunk, take);
    }
    splitter.end(take);
  }
  return {
    ended: readAll(),
    cancel() {
      isCancelled = true;
      void reader.cancel().catch(() => {});
    },
  };
}
