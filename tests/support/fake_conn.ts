interface FakeConnOptions {
  /** What the other side sends, before it waits. */
  readonly input?: string;
  /** Bytes that it takes at once; 0: it takes nothing, ever. Default: all. */
  readonly takes?: number;
}

/** A connection whose other side does not end it. */
export class FakeConn {
  readonly #takes: number;
  #input: Uint8Array;
  readonly #closed = Promise.withResolvers<never>();
  readonly #decoder = new TextDecoder();
  isClosed = false;
  /** Whether its input was read. */
  get isAsked(): boolean {
    return this.#input.length === 0;
  }

  /** Whether this side said that nothing follows. */
  isEnded = false;
  /** What the other side got. */
  received = "";

  constructor({ input = "", takes = Infinity }: FakeConnOptions = {}) {
    this.#input = new TextEncoder().encode(input);
    this.#takes = takes;
    this.#closed.promise.catch(() => {});
  }

  get conn(): Deno.Conn {
    return this as unknown as Deno.Conn;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const piece = this.#input.subarray(0, buffer.length);
    if (piece.length === 0) return await this.#closed.promise;
    this.#input = this.#input.subarray(piece.length);
    buffer.set(piece);
    return piece.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.isClosed || this.#takes === 0) return await this.#closed.promise;
    const piece = bytes.slice(0, this.#takes);
    await Promise.resolve();
    this.received += this.#decoder.decode(piece, { stream: true });
    return piece.length;
  }

  closeWrite(): Promise<void> {
    this.isEnded = true;
    return Promise.resolve();
  }

  close(): void {
    if (this.isClosed) throw new Deno.errors.BadResource("closed twice");
    this.isClosed = true;
    this.#closed.reject(new Deno.errors.Interrupted("closed"));
  }
}
