import { nextChunk } from "./run_program.ts";

const NEWLINE = 0x0a;

/** How to read lines. */
export interface ReadLinesOptions {
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
  let cancelled = false;
  const line = new LineBuffer(maxLineBytes, (text) => {
    if (!cancelled) onLine(text);
  });
  return {
    ended: readAll(reader, line),
    cancel() {
      cancelled = true;
      void reader.cancel().catch(() => {});
    },
  };
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  line: LineBuffer,
): Promise<void> {
  for (;;) {
    const chunk = await nextChunk(reader);
    if (chunk === null) break;
    line.take(chunk);
  }
  line.end();
}

class LineBuffer {
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder();
  readonly #onLine: (line: string) => void;
  #size = 0;

  constructor(maxLineBytes: number, onLine: (line: string) => void) {
    this.#bytes = new Uint8Array(maxLineBytes);
    this.#onLine = onLine;
  }

  take(chunk: Uint8Array): void {
    let from = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, from);
      if (newline === -1) break;
      this.#append(chunk.subarray(from, newline));
      this.#tell();
      from = newline + 1;
    }
    this.#append(chunk.subarray(from));
  }

  end(): void {
    if (this.#size > 0) this.#tell();
  }

  #append(piece: Uint8Array): void {
    const kept = piece.subarray(0, this.#bytes.length - this.#size);
    this.#bytes.set(kept, this.#size);
    this.#size += kept.length;
  }

  #tell(): void {
    const line = this.#decoder.decode(this.#bytes.subarray(0, this.#size));
    this.#size = 0;
    this.#onLine(line);
  }
}
