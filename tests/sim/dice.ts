import { seededRandom } from "../support/seeded_random.ts";

/** Chance that is the same each time for one seed. */
export class Dice {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** From `from` to below `to`. */
  between(from: number, to: number): number {
    return from + this.random() * (to - from);
  }

  /** A whole number from `from` to `to`, both possible. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.whole(0, 255));
  }
}
