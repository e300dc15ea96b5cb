/**
 * What lies on what on a host: from a drive to the volumes on it, and back.
 *
 * The devices of a host form a graph, because a RAID has many parents. Its
 * edges are `Disk.parents`. A host may announce a cycle, so every walk visits a
 * device once.
 */
import { jsonBytes } from "../text/json_bytes.ts";
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

/**
 * Most that the disks of a host say of what they lie on, as JSON, in bytes: 500
 * volumes on an array of 24 drives take half of it.
 */
export const MAX_LAYER_BYTES = 8 * 1024 * 1024;

/** A device among the layers of another one, without its texts. */
const BYTES_PER_LAYER = 200;

/**
 * A list whose layers take at most `MAX_LAYER_BYTES`: the disks beyond that lose
 * their parents. Who lies can let each of thousands of disks lie on all others.
 */
export function withinLayerLimit(disks: readonly Disk[]): readonly Disk[] {
  if (!disks.some(({ parents }) => parents.length > 0)) return disks;
  const byDevice = new Map(disks.map((disk) => [disk.device, disk]));
  const weights = new Map<Disk, number>();
  const weightOf = (disk: Disk) => {
    let weight = weights.get(disk);
    if (weight === undefined) weights.set(disk, weight = weighLayer(disk));
    return weight;
  };
  let left = MAX_LAYER_BYTES;
  const below = (disk: Disk) =>
    disk.parents.flatMap((path) => byDevice.get(path) ?? []);
  const fits = (disk: Disk) => {
    if (disk.parents.length === 0) return true;
    const reached = new Set(below(disk));
    for (const one of reached) {
      left -= weightOf(one) + one.parents.length;
      if (left < 0) return false;
      for (const other of below(one)) reached.add(other);
    }
    return true;
  };
  const count = disks.findIndex((disk) => !fits(disk));
  if (count < 0) return disks;
  return disks.map((disk, index) =>
    index < count ? disk : { ...disk, parents: [] }
  );
}

function weighLayer(
  { device, model, serial, wwn, tran, port, slot, kind, type }: Disk,
): number {
  return [device, device, model, serial, wwn, tran, port, slot, kind, type]
    .reduce(
      (sum, text) => text === null ? sum : sum + jsonBytes(text),
      BYTES_PER_LAYER,
    );
}
