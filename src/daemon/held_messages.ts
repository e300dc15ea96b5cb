/** Enough for what 10,000 hosts put and say while their lists are read. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/**
 * What is said on a hub while its bucket is read: it is processed after that.
 * The server may be told to say to all what it keeps: of a host that is off that
 * would be news for who has not read it yet.
 */
export class HeldMessages {
  #held: (() => void)[] | null = null;
  #bytes = 0;

  /** Holds messages from now on. */
  begin(): void {
    this.#held = [];
    this.#bytes = 0;
  }

  /** Processes a message now or later; or never, as there are too many, which returns `false`. */
  take(payload: Uint8Array, process: () => void): boolean {
    if (this.#held === null) {
      process();
      return true;
    }
    if (this.#bytes + payload.length > MAX_HELD_BYTES) return false;
    this.#bytes += payload.length;
    this.#held.push(process);
    return true;
  }

  /** Processes what was held. */
  end(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const process of held) process();
  }
}
