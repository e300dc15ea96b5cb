import { nameKey } from "./host_names.ts";

/** The host that had a name first. */
export interface NameHolder {
  readonly id: string;
  readonly name: string;
  /** Since when; monotonic ms, of an earlier run below 0. */
  readonly since: number;
  /** When it took another name, likewise; `null` if it did not. */
  readonly leftAt: number | null;
}

/**
 * How long a name is kept for a host that takes another one: many a host is
 * `localhost` for a moment when it starts, and a newcomer may be waiting.
 */
export const KEEP_LEFT_NAME_MS = 3_600_000;

/**
 * Remembers by its key which host a name is known of. Another host under that
 * name is a newcomer: reinstalled, or somebody pretends. A name is free again
 * when its host is forgotten, or an hour after it took another one.
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

  /** The host says that it has this name. It has, if no other one has. */
  take(name: string, id: string, now: number): void {
    const key = nameKey(name);
    const known = this.#byKey.get(key);
    if (known === undefined || isFree(known, now)) {
      this.#set(key, { id, name, since: now, leftAt: null });
    } else if (known.id === id && known.leftAt !== null) {
      this.#set(key, { ...known, leftAt: null });
    }
  }

  /** As an earlier run knew it. */
  restore(holder: NameHolder): void {
    this.#set(nameKey(holder.name), holder);
  }

  /** The host has another name than this one now. */
  leave(name: string, id: string, now: number): void {
    const key = nameKey(name);
    const known = this.#byKey.get(key);
    if (known?.id !== id || known.leftAt !== null) return;
    this.#set(key, { ...known, leftAt: now });
  }

  /** The host is forgotten. */
  delete(name: string): void {
    if (this.#byKey.delete(nameKey(name))) this.revision++;
  }

  #set(key: string, holder: NameHolder): void {
    if (!this.#byKey.has(key) && this.#byKey.size >= this.#most) {
      this.#makeRoom();
    }
    this.#byKey.set(key, holder);
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

function isFree({ leftAt }: NameHolder, now: number): boolean {
  return leftAt !== null && now - leftAt >= KEEP_LEFT_NAME_MS;
}
