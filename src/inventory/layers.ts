/**
 * What lies on what on a host: from a drive to the volumes on it, and back.
 *
 * The devices of a host form a graph, because a RAID has many parents. Its
 * edges are `Disk.parents`. A host may announce a cycle, so every walk visits a
 * device once.
 */
import type { Disk } from "./disk.ts";

/** All that steps lead to, each once, the nearest first. */
export function reach<T>(
  from: Iterable<T>,
  next: (one: T) => Iterable<T>,
): Set<T> {
  const reached = new Set(from);
  // Iterating over a set visits elements added meanwhile.
  for (const one of reached) for (const other of next(one)) reached.add(other);
  return reached;
}

/** The layers of a list of disks. Lists are replaced, never changed, so each is looked at once. */
export function layersOf(disks: readonly Disk[]): Layers<Disk> {
  let layers = KNOWN.get(disks);
  if (layers === undefined) KNOWN.set(disks, layers = new Layers(disks));
  return layers;
}

const KNOWN = new WeakMap<readonly Disk[], Layers<Disk>>();

/** What layers are made of. */
type Layered = Pick<Disk, "device" | "parents" | "kind">;

export class Layers<T extends Layered> {
  readonly #byDevice: ReadonlyMap<string, T>;
  #children: ReadonlyMap<string, readonly T[]> | null = null;

  /** All devices of a host. */
  constructor(disks: readonly T[]) {
    this.#byDevice = new Map(disks.map((disk) => [disk.device, disk]));
  }

  /** The devices that it lies on through any number of layers, the lowest first. */
  below(disk: T): T[] {
    return this.#reach(disk, (one) => this.#parents(one)).reverse();
  }

  /** The devices that lie on it through any number of layers, the nearest first. */
  above(disk: T): T[] {
    return this.#reach(disk, ({ device }) => this.on(device));
  }

  /** The devices directly on the one at this path. */
  on(device: string): readonly T[] {
    this.#children ??= this.#byParent();
    return this.#children.get(device) ?? [];
  }

  /**
   * The drives that it lies on; a drive lies on itself. A multipath map is the
   * drive, and the disks below it are paths.
   */
  drives(disk: T): T[] {
    return [disk, ...this.#reach(disk, (one) => this.#parents(one))]
      .filter((one) => this.#parents(one).length === 0);
  }

  #parents({ kind, parents }: T): T[] {
    if (kind === "mpath") return [];
    return parents.flatMap((path) => this.#byDevice.get(path) ?? []);
  }

  #reach(from: T, next: (one: T) => readonly T[]): T[] {
    const seen = reach(next(from), next);
    seen.delete(from);
    return [...seen];
  }

  #byParent(): Map<string, T[]> {
    const children = new Map<string, T[]>();
    for (const disk of this.#byDevice.values()) {
      for (const parent of disk.parents) {
        const known = children.get(parent);
        if (known === undefined) children.set(parent, [disk]);
        else known.push(disk);
      }
    }
    return children;
  }
}
