/** What a daemon is told by signals. */
export type Signal = "SIGTERM" | "SIGINT" | "SIGHUP";

const SIGNALS: readonly Signal[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** The signals that arrive, from the moment that this is made until `close`. */
export class Signals implements AsyncIterable<Signal> {
  readonly #pending: Signal[] = [];
  readonly #listeners = new Map<Signal, () => void>();
  #wake = Promise.withResolvers<void>();

  constructor() {
    for (const signal of SIGNALS) {
      const listener = () => {
        this.#pending.push(signal);
        this.#wake.resolve();
      };
      this.#listeners.set(signal, listener);
      Deno.addSignalListener(signal, listener);
    }
  }

  close(): void {
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Signal> {
    while (true) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers<void>();
      yield* this.#pending.splice(0);
    }
  }
}
