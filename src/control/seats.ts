import type { Access } from "./handlers.ts";
import type { ControlLimits } from "./limits.ts";
import type { DropReason } from "./outbox.ts";

/**
 * Room for the clients of all sockets of a daemon. Clients of the read-only
 * socket never take all of it, so the owner always gets in.
 */
export class Seats {
  readonly #limits: Pick<ControlLimits, "maxClients" | "maxReaders">;
  readonly #taken = { all: 0, read: 0 };

  constructor(limits: Pick<ControlLimits, "maxClients" | "maxReaders">) {
    this.#limits = limits;
  }

  /** Takes a seat for a client of such a socket. False if there is none. */
  take(kind: Access["kind"]): boolean {
    const { all, read } = this.#taken;
    const isFull = all + read >= this.#limits.maxClients ||
      (kind === "read" && read >= this.#limits.maxReaders);
    if (!isFull) this.#taken[kind]++;
    return !isFull;
  }

  /** Gives a seat back. */
  leave(kind: Access["kind"]): void {
    this.#taken[kind]--;
  }

  /** Largest number of clients of such a socket, for the message to further clients. */
  most(kind: Access["kind"]): number {
    const { maxClients, maxReaders } = this.#limits;
    return kind === "read" ? Math.min(maxReaders, maxClients) : maxClients;
  }
}

/** Limits concurrency; others wait in order of arrival. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Settles when there is room, with the function that frees it, to be called once. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => this.#leave();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

/** Counts of a control socket, for `status`. */
export interface ControlCounts {
  /** Clients connected now. */
  readonly clients: number;
  /** Clients served, including present ones. */
  readonly served: number;
  /** Clients turned away because there were too many. */
  readonly turnedAway: number;
  /** Requests that waited because clients of the read-only socket took their share of the processor. */
  readonly delayed: number;
  /** Clients dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason | "line-too-long", number>>;
}

/** Sums the counts of several sockets of a daemon. */
export function addCounts(all: readonly ControlCounts[]): ControlCounts {
  const sum = (of: (counts: ControlCounts) => number) =>
    all.reduce((total, counts) => total + of(counts), 0);
  return {
    clients: sum(({ clients }) => clients),
    served: sum(({ served }) => served),
    turnedAway: sum(({ turnedAway }) => turnedAway),
    delayed: sum(({ delayed }) => delayed),
    dropped: {
      stalled: sum(({ dropped }) => dropped.stalled),
      overflowed: sum(({ dropped }) => dropped.overflowed),
      "line-too-long": sum(({ dropped }) => dropped["line-too-long"]),
    },
  };
}
