/** Why a client was dropped. */
export type DropReason =
  /** It read nothing for too long. */
  | "stalled"
  /** Too much data was waiting for it. */
  | "overflowed";

export interface OutboxOptions {
  /** Unread bytes from `send`; beyond that, the next call drops the client. */
  readonly maxPendingBytes: number;
  readonly stallMs: number;
  /** Called once, when nothing more can be sent; `null` if the client left. */
  readonly onEnd: (reason: DropReason | null) => void;
}

/** Data waiting to be written to a client. Senders do not wait for the client to read it. */
export class Outbox {
  readonly #writer: { write(bytes: Uint8Array): Promise<number> };
  readonly #options: OutboxOptions;
  readonly #queue: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];
  #pendingBytes = 0;
  /** Number of leading chunks from `sendInTurn`. */
  #answerChunks = 0;
  /** The end of the last answer of which only a part may be sent yet. */
  #streamed: Promise<void> = Promise.resolve();
  /** What waits for that end. */
  #held: Uint8Array[] | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(
    writer: { write(bytes: Uint8Array): Promise<number> },
    options: OutboxOptions,
  ) {
    this.#writer = writer;
    this.#options = options;
  }

  /** Sends at once, or drops the client if too much is waiting for it. */
  send(chunks: readonly Uint8Array[]): void {
    if (this.#closed) return;
    if (this.#pendingBytes > this.#options.maxPendingBytes) {
      return this.#end("overflowed");
    }
    for (const { length } of chunks) this.#pendingBytes += length;
    this.#put(chunks);
  }

  /**
   * Sends once all earlier data was read, so that a client who asks for much
   * and reads it is never dropped. Each chunk of the `rest` is made when the one
   * before was read.
   */
  async sendInTurn(
    chunks: readonly Uint8Array[],
    rest: AsyncIterable<Uint8Array> | null = null,
  ): Promise<void> {
    const before = this.#streamed;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#streamed = promise;
    try {
      await before;
      while (this.#isBusy) await this.drained();
      if (this.#closed) return;
      this.#answerChunks = chunks.length;
      this.#put(chunks);
      if (rest !== null) await this.#stream(rest);
    } finally {
      resolve();
    }
  }

  async #stream(rest: AsyncIterable<Uint8Array>): Promise<void> {
    this.#held = [];
    try {
      for await (const chunk of rest) {
        await this.drained();
        if (this.#closed) return;
        this.#answerChunks = 1;
        this.#enqueue([chunk]);
      }
    } finally {
      const held = this.#held;
      this.#held = null;
      this.#put(held);
    }
  }

  /** Settles when nothing is waiting, or the client is gone. */
  async drained(): Promise<void> {
    if (!this.#isBusy) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  /** Stops sending. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#wake();
  }

  /**
   * Settles when no write is in progress. After `close` that may take long:
   * before Deno 2.9 closing a connection does not end a write that waits for
   * its reader.
   */
  async idle(): Promise<void> {
    await this.#writing;
  }

  get #isBusy(): boolean {
    return this.#writing !== null && !this.#closed;
  }

  /** Puts chunks behind all others, but not into an answer. */
  #put(chunks: readonly Uint8Array[]): void {
    if (this.#held === null) this.#enqueue(chunks);
    else this.#held.push(...chunks);
  }

  #enqueue(chunks: readonly Uint8Array[]): void {
    this.#queue.push(...chunks);
    if (this.#queue.length > 0) this.#writing ??= this.#write();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await this.#writeChunk(this.#queue.shift()!);
      }
    } catch {
      this.#end(null);
    } finally {
      this.#writing = null;
      this.#wake();
    }
  }

  async #writeChunk(chunk: Uint8Array): Promise<void> {
    let sent = 0;
    while (sent < chunk.length && !this.#closed) {
      const stalled = setTimeout(
        () => this.#end("stalled"),
        this.#options.stallMs,
      );
      try {
        sent += await this.#writer.write(chunk.subarray(sent));
      } finally {
        clearTimeout(stalled);
      }
    }
    if (this.#answerChunks > 0) this.#answerChunks--;
    else this.#pendingBytes -= chunk.length;
  }

  #end(reason: DropReason | null): void {
    if (this.#closed) return;
    this.close();
    this.#options.onEnd(reason);
  }
}
