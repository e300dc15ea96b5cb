/** What a process has written so far, and who waits for more of it. */
export class Transcript {
  #text = "";
  #ended = false;
  readonly #waiting = new Set<() => void>();

  get text(): string {
    return this.#text;
  }

  append(text: string): void {
    this.#text += text;
    this.#wake();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /**
   * The first match of `pattern` in all that was written, as soon as there is
   * one. Rejects after `timeoutMs`, or when the text ends without a match; the
   * error carries the text.
   */
  async waitFor(
    pattern: RegExp,
    timeoutMs: number,
  ): Promise<RegExpExecArray> {
    const deadline = performance.now() + timeoutMs;
    while (true) {
      const match = new RegExp(pattern.source, withoutState(pattern.flags))
        .exec(this.#text);
      if (match) return match;
      if (this.#ended) throw this.#missing(pattern, "before the output ended");
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw this.#missing(pattern, `within ${timeoutMs} ms`);
      await this.#nextChange(leftMs);
    }
  }

  #nextChange(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }

  #missing(pattern: RegExp, when: string): Error {
    return new Error(
      `No match of ${pattern} ${when}. The output was:\n${this.#text}`,
    );
  }
}

/** With `g` or `y` a pattern would go on where its last match ended. */
function withoutState(flags: string): string {
  return flags.replace(/[gy]/g, "");
}
