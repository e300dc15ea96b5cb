import type { Change } from "./change.ts";

/** Changes in the order in which they came, up to a limit: then the oldest make room. */
export class ChangeQueue {
  readonly #limit: number;
  #changes: Change[] = [];
  /** Those before this index are gone; they are cut off when they are many. */
  #head = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#changes.length - this.#head;
  }

  /** How many were lost for want of room since `forgetDropped()`. */
  get dropped(): number {
    return this.#dropped;
  }

  forgetDropped(): void {
    this.#dropped = 0;
  }

  push(change: Change): void {
    this.#changes.push(change);
    if (this.length <= this.#limit) return;
    this.remove(1);
    this.#dropped++;
  }

  first(count: number): readonly Change[] {
    return this.#changes.slice(this.#head, this.#head + count);
  }

  remove(count: number): void {
    this.#head += count;
    if (this.#head <= this.length) return;
    this.#changes = this.#changes.slice(this.#head);
    this.#head = 0;
  }
}
