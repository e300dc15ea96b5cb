import { isLater, type Mark } from "./mark.ts";

/** The last mark of each host, of those hosts that were accepted last. */
export class MarkTable {
  /** The one accepted last at the end. */
  readonly #marks = new Map<string, Mark>();
  readonly #most: number;

  /** Keeps the marks of at most `most` hosts. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a mark in; an earlier one of its host changes nothing but the order. */
  note(mark: Mark): void {
    const known = this.#marks.get(mark.id);
    this.#marks.delete(mark.id);
    this.#marks.set(
      mark.id,
      known === undefined || isLater(mark, known) ? mark : known,
    );
    if (this.#marks.size <= this.#most) return;
    const [oldest] = this.#marks.keys();
    this.#marks.delete(oldest!);
  }

  /** The one accepted last comes last. */
  values(): IterableIterator<Mark> {
    return this.#marks.values();
  }
}
