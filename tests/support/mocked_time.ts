import { mock } from "node:test";

/** Time that passes when a test says so: timers, and a clock. One at a time in a process. */
export class MockedTime implements Disposable {
  #now = 0;

  constructor() {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  }

  /** Monotonic ms. */
  readonly now = (): number => this.#now;

  /** Lets so many ms pass, one by one, and what is due happen in each. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let i = 0; i < ms; i++) {
      this.#now++;
      mock.timers.tick(1);
      await settle();
    }
  }

  [Symbol.dispose](): void {
    mock.timers.reset();
  }
}

/** Long enough for a few promises that wait for one another. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}
