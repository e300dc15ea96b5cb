/** Somebody speaks in our place: we speak up at once, and again this long after, since words get lost. Most of it is before others believe him, see `CLAIM_MS`; the last is for those who believe him already, and hold us back. */
export const DEFEND_AFTER_MS = [0, 100, 300, 1_000, 2_000] as const;

/** When to say that we are here. */
export class Defence {
  #times: number[] = [];

  get dueAt(): number {
    return this.#times[0] ?? Infinity;
  }

  start(now: number): void {
    this.#times = DEFEND_AFTER_MS.map((ms) => now + ms);
  }

  /** Whether it is time; what is overdue counts once. */
  take(now: number): boolean {
    if (now < this.dueAt) return false;
    this.#times = this.#times.filter((at) => at > now);
    return true;
  }
}
