import { compareDisks, isEmpty } from "../inventory/change.ts";
import type { Disk } from "../inventory/disk.ts";
import type { System } from "../system/system.ts";

export interface PublisherOptions {
  /** The list as it is now, `null` where it is not worth telling. */
  readonly find: () => readonly Disk[] | null;
  readonly onDisks: (disks: readonly Disk[]) => void;
  readonly now: System["now"];
  /** Between two lists, but for those that end a scan. */
  readonly pauseMs: number;
}

/**
 * Tells the list of disks when it has changed: the first change at once, more
 * of them together after a pause. Changes count only after a first list was
 * told whole, since half of it would look like disks that have left.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #told: readonly Disk[] | null = null;
  #toldAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Something may be otherwise. */
  changed(): void {
    if (this.#told === null || this.#timer !== null) return;
    const { now, pauseMs, find } = this.#options;
    const waitMs = this.#toldAt + pauseMs - now();
    if (waitMs <= 0) return this.tell(find());
    this.#timer = setTimeout(() => this.tell(find()), waitMs);
  }

  /** Tells this list, which is whole, now, if it is another. */
  tell(disks: readonly Disk[] | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (disks === null) return;
    const told = this.#told;
    if (told !== null && isEmpty(compareDisks(told, disks))) return;
    this.#told = disks;
    this.#toldAt = this.#options.now();
    this.#options.onDisks(disks);
  }
}
