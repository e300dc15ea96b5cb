/**
 * Lists of a few devices, which lsblk prints sooner than a list of all.
 *
 * lsblk is asked for whole disks: it also lists the devices on top of them, so
 * that a partition, an array or a volume appears with its parents. If the
 * result does not fit the known devices, a list of all devices follows.
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

/** The whole disks below a device, or the device itself if it is one; `null` if unknown. */
function disksUnder(
  kname: string,
  byName: ReadonlyMap<string, Device>,
): string[] | null {
  const disks: string[] = [];
  // Iterating over a set visits elements added meanwhile, each once: so a cycle
  // ends too.
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

/** For an unknown device. */
function parentsByName(kname: string): string[] | null {
  if (WHOLE_DISK.test(kname)) return [];
  const [, disk, numbered] = PARTITION.exec(kname) ?? [];
  return disk === undefined && numbered === undefined
    ? null
    : [disk ?? numbered!];
}

/**
 * The list of all devices, from `listed`, lsblk's new list of the whole disks
 * at `paths`, and `known`, its last list of all devices. `null`: they do not
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

/** Kernel names of these disks and of all devices on top of them. */
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
