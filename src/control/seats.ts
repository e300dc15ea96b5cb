import type { Access } from "./handlers.ts";
import type { ControlLimits } from "./limits.ts";
import type { DropReason } from "./outbox.ts";

/**
 * Room for the clients of all sockets of one daemon. Those who may only read
 * never take all of it: whoever may do everything still gets in.
 */
export class Seats {
  readonly #limits: Pick<ControlLimits, "maxClients" | "maxReaders">;
  readonly #taken = { all: 0, read: 0 };

  constructor(limits: Pick<ControlLimits, "maxClients" | "maxReaders">) {
    this.#limits = limits;
  }

  /** Takes a seat for a client of such a socket. False where there is none. */
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

  /** How many clients of such a socket there may be, for those who find no seat. */
  most(kind: Access["kind"]): number {
    const { maxClients, maxReaders } = this.#limits;
    return kind === "read" ? Math.min(maxReaders, maxClients) : maxClients;
  }
}

/** So many go on at once, and the others wait for their turn, in the order in which they came. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Settles when it is one's turn, with what ends the turn. That is to be called once. */
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

/** What a control socket went through, for `status`. */
export interface ControlCounts {
  /** Clients connected now. */
  readonly clients: number;
  /** Clients that were served, with those of now. */
  readonly served: number;
  /** Clients that were turned away because there were too many. */
  readonly turnedAway: number;
  /** Clients that were dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason | "line-too-long", number>>;
}

/** What several sockets of one daemon went through together. */
export function addCounts(all: readonly ControlCounts[]): ControlCounts {
  const sum = (of: (counts: ControlCounts) => number) =>
    all.reduce((total, counts) => total + of(counts), 0);
  return {
    clients: sum(({ clients }) => clients),
    served: sum(({ served }) => served),
    turnedAway: sum(({ turnedAway }) => turnedAway),
    dropped: {
      stalled: sum(({ dropped }) => dropped.stalled),
      overflowed: sum(({ dropped }) => dropped.overflowed),
      "line-too-long": sum(({ dropped }) => dropped["line-too-long"]),
    },
  };
}
