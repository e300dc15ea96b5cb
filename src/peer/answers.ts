/** Who has announced since a user asked. */
export class Answers {
  #heardAt: Map<string, number> | null = null;

  /** Begins to note them. */
  start(): void {
    this.#heardAt = new Map();
  }

  note(id: string, now: number): void {
    if (this.#heardAt === null || this.#heardAt.has(id)) return;
    this.#heardAt.set(id, now);
  }

  /** By host id, and when. Ends the noting. */
  take(): ReadonlyMap<string, number> {
    const heardAt = this.#heardAt ?? new Map();
    this.#heardAt = null;
    return heardAt;
  }
}
