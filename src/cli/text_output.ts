import { reasonOf } from "../system/reason.ts";
import type { TextSink } from "./context.ts";

/** A sink of bytes, such as `Deno.stdout`. */
interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Writes text to a stream, in order, without waiting. Text added during a write
 * is written afterwards in one piece.
 */
export class TextOutput implements TextSink {
  readonly #sink: ByteSink;
  #waiting: string[] = [];
  #waitingChars = 0;
  #writing: Promise<void> | null = null;
  #isClosed = false;
  #failure: Error | null = null;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get waitingChars(): number {
    return this.#waitingChars;
  }

  write(text: string): void {
    if (this.#isClosed) return;
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    this.#writing ??= this.#writeAll();
  }

  /** @throws {OutputError} if writing failed, except when the reader is gone */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw new OutputError(this.#failure);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      await this.#writeBytes(new TextEncoder().encode(text));
      this.#waitingChars -= text.length;
    }
    this.#writing = null;
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < bytes.length && !this.#isClosed;) {
        written += await this.#sink.write(bytes.subarray(written));
      }
    } catch (error) {
      this.#isClosed = true;
      if (!(error instanceof Deno.errors.BrokenPipe)) {
        this.#failure = error instanceof Error
          ? error
          : new Error(String(error));
      }
    }
  }
}

/** The output of a command could not be written, for example on a full disk. */
export class OutputError extends Error {
  override readonly name = "OutputError";

  constructor(cause: Error) {
    super(`cannot write the output: ${reasonOf(cause)}`, { cause });
  }
}
