/** Events that one reader takes when it likes. */
export class EventQueue<T> {
  readonly #maxWaiting: number;
  readonly #waiting: T[] = [];
  #error: Error | null = null;
  #isOver = false;
  #onChange = () => {};
  #onTaken = () => {};

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Puts an event in; settles when there is room for another. */
  async put(event: T): Promise<void> {
    if (this.#isOver) return;
    this.#waiting.push(event);
    this.#onChange();
    while (this.#waiting.length >= this.#maxWaiting && !this.#isOver) {
      await new Promise<void>((resolve) => this.#onTaken = resolve);
    }
  }

  /** No more events come: those that wait are still given out, then `error` is thrown where there is one. */
  end(error: Error | null): void {
    this.#isOver = true;
    this.#error = error;
    this.#onChange();
    this.#onTaken();
  }

  async *events(): AsyncGenerator<T, void, void> {
    for (;;) {
      while (this.#waiting.length > 0) {
        yield this.#waiting.shift()!;
        this.#onTaken();
      }
      if (this.#error !== null) throw this.#error;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
  }
}
