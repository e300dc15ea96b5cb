import type { Access } from "./access.ts";
import type { ControlLimits } from "./limits.ts";

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
