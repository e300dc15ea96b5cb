import { isLater, type KeptMark, type Mark } from "./mark_journal.ts";

/**
 * The last mark of each host. Without room those go first that were heard on
 * the fewest days, and of them those accepted first: whoever invents thousands
 * of hosts in a day pushes out no host that is known for longer.
 */
export class MarkTable {
  /** In the order accepted, last one last. */
  readonly #marks = new Map<string, KeptMark>();
  readonly #most: number;

  /** Keeps the marks of at most `most` hosts. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#marks.size;
  }

  /** Records a mark, accepted on this day since 1970. An earlier one of its host changes only the order. */
  note(mark: Mark, day: number): KeptMark {
    const known = this.#marks.get(mark.id);
    const isNewDay = day !== known?.day;
    const days = (known?.days ?? 0) + (isNewDay ? 1 : 0);
    return this.#put({ ...mark, days, day }, known);
  }

  /** Takes a mark of an earlier run. */
  restore(mark: KeptMark): void {
    const known = this.#marks.get(mark.id);
    const days = Math.max(mark.days, known?.days ?? 0);
    const day = Math.max(mark.day, known?.day ?? 0);
    this.#put({ ...mark, days, day }, known);
  }

  get(id: string): KeptMark | undefined {
    return this.#marks.get(id);
  }

  /** In the order accepted, last one last. */
  values(): IterableIterator<KeptMark> {
    return this.#marks.values();
  }

  #put(mark: KeptMark, known: KeptMark | undefined): KeptMark {
    const isBehind = known !== undefined && !isLater(mark, known);
    const { boot, seq } = isBehind ? known : mark;
    const kept = { ...mark, boot, seq };
    this.#marks.delete(mark.id);
    this.#marks.set(mark.id, kept);
    if (this.#marks.size > this.#most) this.#makeRoom();
    return kept;
  }

  /** Drops many at once, because they have to be sorted for it. */
  #makeRoom(): void {
    const count = this.#marks.size - this.#most +
      Math.floor(this.#most * DROPPED_SHARE);
    const shortest = [...this.#marks.values()]
      .sort((a, b) => a.days - b.days)
      .slice(0, count);
    for (const { id } of shortest) this.#marks.delete(id);
  }
}

const DROPPED_SHARE = 1 / 16;
