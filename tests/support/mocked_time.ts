import { mock } from "node:test";

/** Time that passes when a test says so: timers, and a clock. One at a time in a process. */
export class MockedTime implements Disposable {
  #now = 0;

  constructor() {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  }

  /** Monotonic ms. */
  readonly now = (): number => this.#now;

  /** Lets so many ms pass, one by one or in longer steps, and what is due happen in each. */
  async pass(ms: number, stepMs = 1): Promise<void> {
    await settle();
    for (let i = 0; i < ms; i += stepMs) {
      this.#now += stepMs;
      mock.timers.tick(stepMs);
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
