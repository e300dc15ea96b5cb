/** A part of the daemon that is started and stopped. */
export interface Task {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}

/** Starts tasks in order. If one fails, stops the earlier ones and throws its error. */
export async function startTasks(tasks: readonly Task[]): Promise<void> {
  for (const [index, task] of tasks.entries()) {
    try {
      await task.start();
    } catch (error) {
      await stopTasks(tasks.slice(0, index), () => {});
      throw error;
    }
  }
}

/** Stops tasks in reverse order. Reports a failure and still stops the others. */
export async function stopTasks(
  tasks: readonly Task[],
  onFailure: (task: Task, error: unknown) => void,
): Promise<void> {
  for (const task of tasks.toReversed()) {
    try {
      await task.stop();
    } catch (error) {
      onFailure(task, error);
    }
  }
}

/** Settles after other pending work has run. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Work is done for so long before others get their turn: at 16,000 datagrams a second the kernel holds those of 6 ms. */
export const TURN_MS = 5;

/** Does something with each of `items`, as long as they last, and lets others run in between. */
export async function inTurns<Item>(
  items: Iterable<Item>,
  { each, now }: {
    readonly each: (item: Item) => void;
    /** Monotonic ms. */
    readonly now: () => number;
  },
): Promise<void> {
  let endsAt = now() + TURN_MS;
  for (const item of items) {
    each(item);
    if (now() < endsAt) continue;
    await letOthersRun();
    endsAt = now() + TURN_MS;
  }
}

/** Signals handled by the daemon. */
type Signal = "SIGTERM" | "SIGINT" | "SIGHUP";

const SIGNALS: readonly Signal[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** The signals received from its creation until `close`. */
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

  /** Ends the daemon as SIGTERM does. */
  end(): void {
    this.#pending.push("SIGTERM");
    this.#wake.resolve();
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
