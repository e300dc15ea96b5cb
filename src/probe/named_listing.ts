/**
 * Lists of a few devices, which lsblk has sooner than those of all.
 *
 * lsblk is asked for whole disks: it lists what lies on them as well, so that a
 * partition, an array or a volume is found with its parents. Whatever does not
 * fit what is known already is left to a list of all devices.
 */
import type { Device } from "./device.ts";

/** More disks at once are as quick to list with all others. */
const MAX_DISKS = 4;

/** Names of whole disks, and how their partitions are named after them. */
const WHOLE_DISK = /^(?:(?:sd|vd|xvd|hd)[a-z]+|(?:nvme\d+n|mmcblk|loop)\d+)$/;
const PARTITION =
  /^(?:((?:sd|vd|xvd|hd)[a-z]+)|((?:nvme\d+n|mmcblk|loop)\d+)p)\d+$/;

/**
 * The paths of the whole disks to ask lsblk for, so that it tells all of the
 * devices of these kernel names. `null`: it has to list all devices.
 */
export function disksToAsk(
  knames: Iterable<string>,
  known: readonly Device[],
): string[] | null {
  const byName = new Map(known.map((device) => [device.kname, device]));
  const disks = new Set<string>();
  for (const kname of knames) {
    const found = disksUnder(kname, byName);
    if (found === null) return null;
    for (const disk of found) disks.add(disk);
  }
  if (disks.size === 0 || disks.size > MAX_DISKS) return null;
  const paths = [...disks].map((disk) => {
    const device = byName.get(disk);
    return device === undefined || device.hasNode ? `/dev/${disk}` : null;
  });
  return paths.every((path) => path !== null) ? paths : null;
}

/** The whole disks that a device lies on, itself where it is one; `null` where that cannot be told. */
function disksUnder(
  kname: string,
  byName: ReadonlyMap<string, Device>,
): string[] | null {
  const disks: string[] = [];
  // A set goes through what is added meanwhile, each once: a ring ends too.
  const below = new Set([kname]);
  for (const name of below) {
    const parents = byName.get(name)?.parents ?? parentsByName(name);
    if (parents === null) return null;
    for (const parent of parents) below.add(parent);
    if (parents.length > 0) continue;
    if (!WHOLE_DISK.test(name)) return null;
    disks.push(name);
  }
  return disks;
}

/** Of a device that is not known yet. */
function parentsByName(kname: string): string[] | null {
  if (WHOLE_DISK.test(kname)) return [];
  const [, disk, numbered] = PARTITION.exec(kname) ?? [];
  return disk === undefined && numbered === undefined
    ? null
    : [disk ?? numbered!];
}

/**
 * The list of all devices, where `listed` is what lsblk has of the whole disks
 * at `paths` now, and `known` what it had of all before. `null`: the two do not
 * fit together.
 */
export function mergeListing(
  known: readonly Device[],
  { paths, listed }: {
    readonly paths: readonly string[];
    readonly listed: readonly Device[];
  },
): Device[] | null {
  const disks = paths.map((path) => path.slice("/dev/".length));
  const now = new Map(listed.map((device) => [device.kname, device]));
  // lsblk leaves an empty drive out of a list of all, and shows it when asked for it.
  if (disks.some((disk) => !now.get(disk)?.size)) return null;
  const asked = withAllOn(disks, known);
  const merged: Device[] = [];
  for (const device of known) {
    const again = now.get(device.kname);
    now.delete(device.kname);
    const elsewhere = device.parents.filter((parent) => !asked.has(parent));
    if (again !== undefined) {
      const parents = [...new Set([...again.parents, ...elsewhere])];
      merged.push({ ...again, parents });
    } else if (!asked.has(device.kname)) {
      merged.push(device);
    } else if (elsewhere.length > 0) {
      merged.push({ ...device, parents: elsewhere });
    }
  }
  return [...merged, ...now.values()];
}

/** Kernel names of these disks and of everything that lies on them. */
function withAllOn(
  disks: readonly string[],
  known: readonly Device[],
): ReadonlySet<string> {
  const names = new Set(disks);
  // Parents may come after their children, so rounds until nothing is added.
  for (let before = -1; before !== names.size;) {
    before = names.size;
    for (const { kname, parents } of known) {
      if (parents.some((parent) => names.has(parent))) names.add(kname);
    }
  }
  return names;
}
