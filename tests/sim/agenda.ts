interface Entry {
  readonly at: number;
  /** Breaks ties: what was put first is done first. */
  readonly order: number;
  readonly act: () => void;
}

/** What is to happen, in the order of its time. Its clock is the only one that there is. */
export class Agenda {
  /** A binary heap: no entry is before the one at half its index. */
  readonly #heap: Entry[] = [];
  #order = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  at(at: number, act: () => void): void {
    const entry = { at: Math.max(at, this.#now), order: this.#order++, act };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
  }

  /** Lets time go by until `end`, and does what is due. */
  runUntil(end: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.at <= end) {
      const next = this.#takeFirst();
      this.#now = next.at;
      next.act();
    }
    this.#now = end;
  }

  #takeFirst(): Entry {
    const first = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(this.#heap[parent]!, this.#heap[index]!)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(index: number): void {
    while (true) {
      const child = this.#earlierChild(index);
      if (child === null) return;
      if (isBefore(this.#heap[index]!, this.#heap[child]!)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #earlierChild(index: number): number | null {
    const left = 2 * index + 1;
    const right = left + 1;
    if (left >= this.#heap.length) return null;
    if (right >= this.#heap.length) return left;
    return isBefore(this.#heap[right]!, this.#heap[left]!) ? right : left;
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
