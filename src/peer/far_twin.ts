import type { Header } from "../codec/announcement.ts";
import { STALE_AFTER_INTERVALS } from "../inventory/host.ts";

/**
 * Another daemon with our key, on another network. No probe gets there to ask
 * who of the two is to make a new one, see `OwnIdentity`: people are told.
 */
export class FarTwin {
  #last: Pick<Header, "boot" | "seq"> | null = null;
  #address: string | null = null;
  #until = -Infinity;

  /**
   * Processes what is signed with our key, and was not said by us in this run.
   * Relays repeat what we said in earlier ones: a twin is who goes on to speak.
   * Returns whether that is news.
   */
  hear(
    { boot, seq, every, bye }: Header,
    { address, now }: { readonly address: string; readonly now: number },
  ): boolean {
    const last = this.#last;
    if (last !== null && !isAfter({ boot, seq }, last)) return false;
    this.#last = { boot, seq };
    if (last === null || bye) {
      this.#until = -Infinity;
      return false;
    }
    const isNews = this.at(now) !== address;
    this.#address = address;
    this.#until = now + STALE_AFTER_INTERVALS * every * 1_000;
    return isNews;
  }

  /** The address of one that speaks; `null`: there is none. */
  at(now: number): string | null {
    return now <= this.#until ? this.#address : null;
  }
}

function isAfter(
  { boot, seq }: Pick<Header, "boot" | "seq">,
  other: Pick<Header, "boot" | "seq">,
): boolean {
  return boot > other.boot || (boot === other.boot && seq > other.seq);
}
