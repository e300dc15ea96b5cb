import { nameKey } from "./host_names.ts";

/** The host that had a name first. */
export interface NameHolder {
  readonly id: string;
  readonly name: string;
  /** Since when; monotonic ms, of an earlier run below 0. */
  readonly since: number;
}

/**
 * Remembers by its key which host a name is known of. Another host under that
 * name is a newcomer: reinstalled, or somebody pretends. A name is free again
 * when its host takes another one, or is forgotten.
 */
export class NameHolders {
  readonly #byKey = new Map<string, NameHolder>();
  readonly #most: number;
  readonly #isKnown: (id: string) => boolean;
  /** Grows with each change. */
  revision = 0;

  /** At most `most`; without room those of hosts that are not known any more are dropped, the newest first. */
  constructor(most: number, isKnown: (id: string) => boolean) {
    this.#most = most;
    this.#isKnown = isKnown;
  }

  of(name: string): NameHolder | undefined {
    return this.#byKey.get(nameKey(name));
  }

  /** The host has this name, if no other one has. */
  take(name: string, id: string, now: number): void {
    const key = nameKey(name);
    if (this.#byKey.has(key)) return;
    if (this.#byKey.size >= this.#most) this.#makeRoom();
    this.#byKey.set(key, { id, name, since: now });
    this.revision++;
  }

  /** The host has this name no more. */
  leave(name: string, id: string): void {
    const key = nameKey(name);
    if (this.#byKey.get(key)?.id !== id) return;
    this.#byKey.delete(key);
    this.revision++;
  }

  values(): IterableIterator<NameHolder> {
    return this.#byKey.values();
  }

  /** Those of floods are the newest. */
  #makeRoom(): void {
    const unknown = [...this.#byKey].filter(([, { id }]) => !this.#isKnown(id))
      .sort(([, a], [, b]) => b.since - a.since);
    for (const [key] of unknown.slice(0, Math.ceil(unknown.length / 2))) {
      this.#byKey.delete(key);
    }
  }
}
