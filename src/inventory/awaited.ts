import type { Change } from "./change.ts";
import type { Sighting } from "./sightings.ts";

/**
 * Time for a host that has started to find its disks again. Some USB disks
 * appear only a while after diskd.
 */
export const FIND_AGAIN_MS = 60_000;

/** Time within which a returned host announces its whole list. */
export const LIST_AFTER_SILENCE_MS = 2_000;

/** Untold, because the disk may come again. */
type Detached = Change & { readonly event: "detached" };

/**
 * Disks missing from the first list of a host that has started. They count as
 * detached at once, but nobody is told before `FIND_AGAIN_MS` are over: a
 * restart alarms nobody, and splits no sighting.
 */
export class AwaitedDisks {
  /** By the sighting of the disk, the oldest first. */
  readonly #untold = new Map<Sighting, Detached>();

  add(sighting: Sighting, untold: Detached): void {
    this.#untold.set(sighting, untold);
  }

  /** The disk of this sighting was found, here or elsewhere, or is forgotten. Returns what nobody was told. */
  take(sighting: Sighting): Detached | null {
    const untold = this.#untold.get(sighting) ?? null;
    this.#untold.delete(sighting);
    return untold;
  }

  /** When `expire` must be called next. */
  get nextExpiry(): number {
    for (const { at } of this.#untold.values()) return at + FIND_AGAIN_MS;
    return Infinity;
  }

  /** What is to be told of disks that did not come again. */
  expire(now: number): Detached[] {
    const told: Detached[] = [];
    for (const [sighting, untold] of this.#untold) {
      if (now < untold.at + FIND_AGAIN_MS) break;
      this.#untold.delete(sighting);
      told.push(untold);
    }
    return told;
  }
}
