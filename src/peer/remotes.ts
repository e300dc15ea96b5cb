import type { Accepted } from "./accepted.ts";
import { newRemote, type Remote } from "./remote.ts";

/** Senders remembered: all that may be listed, and as many who said goodbye before they were, or were forgotten for want of room. Else what was said before, heard again, would bring them back. */
export const MAX_REMOTES = 20_000;

/** What was last accepted from each other host. */
export class Remotes {
  readonly #byId = new Map<string, Remote>();
  readonly #isListed: (id: string) => boolean;

  /** `accepted` is from earlier lives of ours; of too many the last ones count. */
  constructor(
    accepted: Iterable<Accepted>,
    isListed: (id: string) => boolean,
  ) {
    this.#isListed = isListed;
    for (const one of [...accepted].slice(-MAX_REMOTES)) {
      this.#byId.set(one.id, newRemote(one));
    }
  }

  /** What is remembered of a host; of one that was never heard, nothing yet. */
  get(id: string): Remote {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= MAX_REMOTES) this.#makeRoom();
    const remote = newRemote();
    this.#byId.set(id, remote);
    return remote;
  }

  /** Datagrams that one announcement of a host takes. */
  partsOf(id: string): number {
    return this.#byId.get(id)?.parts ?? 0;
  }

  forget(id: string): void {
    this.#byId.delete(id);
  }

  /** Of those that are not listed the half is forgotten that was heard before the other: what is left stops replays still, and there is room for long. */
  #makeRoom(): void {
    const unlisted = [...this.#byId].filter(([id]) => !this.#isListed(id))
      .sort(([, a], [, b]) => a.acceptedAt - b.acceptedAt);
    for (const [id] of unlisted.slice(0, Math.ceil(unlisted.length / 2))) {
      this.#byId.delete(id);
    }
  }
}
