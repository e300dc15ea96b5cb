import { nextChunk } from "./run_program.ts";

/** How to split. */
interface LineSplitterOptions {
  /** Bytes of a line without its newline. */
  readonly maxLineBytes: number;
  /**
   * What becomes of a line that is longer: `cut` hands on its beginning once it
   * ends, `stop` hands on what came of it at once and says nothing more, as
   * nobody can tell where the next line begins without reading on for ever.
   */
  readonly beyond: "cut" | "stop";
}

/** Gets the bytes of a line without its newline; they are good until it returns. A line that `isCut` was longer. */
type OnLine = (bytes: Uint8Array, isCut: boolean) => void;

/** Bytes in, as they come off a stream; lines out, ended by LF. The only one of its kind here. */
export class LineSplitter {
  readonly #options: LineSplitterOptions;
  #held = new Uint8Array(INITIAL_BYTES);
  #size = 0;
  #isCut = false;
  #isDead = false;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  /** Hands on the lines that `chunk` completes. What is left of it is copied, so its buffer may be used again. */
  push(chunk: Uint8Array, onLine: OnLine): void {
    let from = 0;
    while (!this.#isDead && from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const to = newline < 0 ? chunk.length : newline;
      this.#hold(chunk.subarray(from, to));
      if (this.#isCut && this.#options.beyond === "stop") this.#isDead = true;
      else if (newline < 0) return;
      this.#take(onLine);
      from = to + 1;
    }
  }

  /** Hands on the last line, where the stream ended without a newline after it. */
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
  /** Bytes kept of one line; the rest of it is dropped. */
  readonly maxLineBytes: number;
  /** Gets each line without its newline, what is no UTF-8 replaced. Must not throw. */
  readonly onLine: (line: string) => void;
}

/** A stream whose lines are being read. */
export interface ReadingLines {
  /** Settles at the end of the stream, or when cancelled. Never rejects. */
  readonly ended: Promise<void>;
  /** From now on no line is handed on, and the stream is free. */
  cancel(): void;
}

/** Hands on the lines of a stream as they come; the last one needs no newline. Keeps one line at most. */
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
