/**
 * What the devices of a host are to its admin: which of them lists show, which
 * are in use, and in which volume group they are.
 *
 * Lists show one device for one thing. What would be mounted is shown, so a
 * mounted device goes before all others, and one on top before one below.
 */
import type { Hidden } from "../inventory/disk.ts";
import { splitLvmName } from "../inventory/lvm_names.ts";
import type { Device } from "./device.ts";
import { type DeviceGraph, isPartition } from "./device_graph.ts";
import type { MountedAt } from "./mounts.ts";
import type { Signature } from "./parse_blkid.ts";

/** A device and its contents. */
export interface Contents {
  readonly device: Device;
  readonly signature: Signature;
  readonly mounted: MountedAt;
  /** Whether that is the device itself, and not another member of its pool. */
  readonly isMountedItself: boolean;
  readonly isFailing: boolean;
  /** It has no medium. */
  readonly isEmpty: boolean;
}

interface Standing {
  readonly hidden: Hidden | null;
  readonly inUse: boolean;
  /** Its volume group. */
  readonly vg: string | null;
}

/** The standing of each device, by kernel name. `graph` may have further devices. */
export function classify(
  all: readonly Contents[],
  graph: DeviceGraph,
): ReadonlyMap<string, Standing> {
  const hidden = new Map<string, Hidden>();
  const hide = (one: Contents, why: Hidden | null) => {
    if (why !== null) hidden.set(one.device.kname, why);
  };
  for (const one of all) hide(one, hiddenByItself(one, graph));
  for (const [one, why] of repeated(all, { graph, hidden })) hide(one, why);
  const byName = new Map(all.map((one) => [one.device.kname, one]));
  const isMounted = (device: Device) =>
    (byName.get(device.kname)?.mounted.mounts.length ?? 0) > 0;
  for (const one of all) {
    if (hidden.has(one.device.kname)) continue;
    if (isGuests(one, { graph, isMounted })) hide(one, "guest");
    else if (isReserved(one, graph)) hide(one, "reserved");
  }
  for (const one of all) {
    if (hidden.has(one.device.kname)) continue;
    if (hasItsContentsAbove(one, { graph, hidden })) hide(one, "parts");
  }
  const used = inUse(all, { graph, hidden });
  return new Map(all.map(({ device, signature }) => [device.kname, {
    hidden: hidden.get(device.kname) ?? null,
    inUse: used.has(device.kname),
    vg: volumeGroup(device, { graph, signature }),
  }]));
}

interface Surroundings {
  readonly graph: DeviceGraph;
  readonly hidden: ReadonlyMap<string, Hidden>;
}

const IN_MEMORY = /^z?ram\d+$/;

/** Drives whose medium is changed: what cannot be read there is mostly none. */
const FOR_MEDIA = /^(?:fd|sr)\d+$/;

/** Whether a device that cannot be read probably has no medium. */
export function isForMedia({ kname }: Device): boolean {
  return FOR_MEDIA.test(kname);
}

/** Filesystems of images that programs are installed as. */
const IMAGE = /^(?:squashfs|erofs)$/;

/** Areas of an eMMC for its own use. */
const EMMC_AREA = /^mmcblk\d+(?:boot\d+|rpmb|gp\d+)$/;

const NVME_PATH = /^nvme\d+c\d+n\d+$/;

/** Whether it is a path to an NVMe namespace, which has no node in `/dev`. */
export function isNvmePath({ kname }: Device): boolean {
  return NVME_PATH.test(kname);
}

function hiddenByItself(one: Contents, graph: DeviceGraph): Hidden | null {
  const { device, signature: { type } } = one;
  if (IN_MEMORY.test(device.kname)) return "ram";
  if (isWithoutMedium(one)) return "empty";
  if (device.kind === "loop" && IMAGE.test(type ?? "")) return "image";
  if (EMMC_AREA.test(device.kname)) return "reserved";
  if (isInner(device, graph) || type === "DM_snapshot_cow") return "inner";
  if (isPath(one, graph)) return "path";
  if (one.isMountedItself) return null;
  const isSeenBelow = isPartition(device) &&
    graph.holders(device).length === 0 &&
    graph.parents(device).some((parent) => graph.holders(parent).length > 0);
  return isSeenBelow ? "twin" : null;
}

function isWithoutMedium(
  { device, signature, isEmpty, isFailing }: Contents,
): boolean {
  if (isEmpty || device.size === 0) return true;
  if (device.size === null && device.kind === "loop") return true;
  return isForMedia(device) && (isFailing || signature.type === null);
}

function isPath({ device, signature }: Contents, graph: DeviceGraph): boolean {
  const isOne = (disk: Device) =>
    isNvmePath(disk) || disk.fstype === "mpath_member" ||
    graph.children(disk).some(({ kind }) => kind === "mpath");
  return signature.type === "mpath_member" || isOne(device) ||
    (isPartition(device) && graph.parents(device).some(isOne));
}

/** Suffixes that LVM keeps for its own volumes. @see lvs(8), `--all` */
const LVM_SUFFIX =
  /_(?:tdata|tmeta|cdata|cmeta|cvol|corig|wcorig|vdata|vorigin|pmspare|imeta|iorig|mlog|[rm]image_\d+|rmeta_\d+)$/;

/** Volumes that LVM makes of its own volumes, such as `vg0-root-real`. */
function isInner(device: Device, graph: DeviceGraph): boolean {
  const parts = nameInLvm(device);
  if (parts === null) return false;
  const [vg, volume, layer] = parts;
  if (layer !== undefined || LVM_SUFFIX.test(volume)) return true;
  // A thin pool, which holds no data of its own.
  return graph.parents(device).some((parent) => {
    const below = nameInLvm(parent);
    return below?.[2] === "tpool" && below[0] === vg && below[1] === volume;
  });
}

const MAPPER = "/dev/mapper/";

/** `null` for no device of LVM. */
function nameInLvm(
  { kind, path }: Device,
): [vg: string, volume: string, layer?: string] | null {
  if (kind !== "lvm" || !path.startsWith(MAPPER)) return null;
  const [vg, volume, layer] = splitLvmName(path.slice(MAPPER.length));
  if (vg === undefined || volume === undefined) return null;
  return layer === undefined ? [vg, volume] : [vg, volume, layer];
}

/**
 * Devices with the contents of another one: a hybrid ISO is on the drive and on
 * its first partition, a snapshot is a copy of its origin. Copies on other
 * drives, and on other partitions, are things of their own.
 */
function* repeated(
  all: readonly Contents[],
  { graph, hidden }: Surroundings,
): Generator<[Contents, Hidden]> {
  const alike = Map.groupBy(
    all.filter(({ device, signature }) =>
      signature.uuid !== null && !hidden.has(device.kname)
    ),
    ({ signature: { uuid, uuid_sub, type } }) =>
      `${type} ${uuid} ${uuid_sub ?? ""}`,
  );
  for (const group of alike.values()) {
    const [best, ...others] = group.toSorted(byPreference(group, graph));
    for (const other of others) {
      // Whatever is mounted is shown.
      if (other.isMountedItself) continue;
      if (isSnapshotOf(other.device, best!.device, graph)) {
        const isOrigin = isMadeOf(best!.device, graph) &&
          !isMadeOf(other.device, graph);
        if (!isOrigin) yield [other, "snapshot"];
      } else if (isSameContents(other.device, best!.device, graph)) {
        yield [other, "twin"];
      }
    }
  }
}

/**
 * The one that is mounted first, then one that something else than a copy of it
 * holds, the origin, the top one.
 */
function byPreference(group: readonly Contents[], graph: DeviceGraph) {
  const copies = new Set(group.map(({ device }) => device));
  const isHeld = (device: Device) =>
    graph.holders(device).some((holder) => !copies.has(holder));
  const rank = ({ device, mounted }: Contents) =>
    mounted.mounts.length > 0 ? 0 : isHeld(device) ? 1 : 2;
  return (a: Contents, b: Contents): number =>
    rank(a) - rank(b) ||
    Number(isMadeOf(a.device, graph)) - Number(isMadeOf(b.device, graph)) ||
    Number(isPartition(a.device)) - Number(isPartition(b.device)) ||
    Number(isOn(a.device, b.device, graph)) -
      Number(isOn(b.device, a.device, graph));
}

/** Whether it is a snapshot, by its store of changed blocks. */
function isMadeOf(device: Device, graph: DeviceGraph): boolean {
  return graph.parents(device).some((parent) =>
    nameInLvm(parent)?.[2] === "cow"
  );
}

function isOn(below: Device, above: Device, graph: DeviceGraph): boolean {
  return graph.below(above).has(below);
}

/** Volumes of LVM on one inner volume: the origin's data, or a thin pool. */
function isSnapshotOf(a: Device, b: Device, graph: DeviceGraph): boolean {
  const inner = graph.parents(a).filter((parent) => isInner(parent, graph));
  return inner.some(({ kname }) => b.parents.includes(kname));
}

/** A partition of an array of Unraid's own driver, which the kernel does not tie to its disk. */
const UNRAID = /^md\d+p\d+$/;

function isSameContents(a: Device, b: Device, graph: DeviceGraph): boolean {
  if (isOn(a, b, graph) || isOn(b, a, graph)) return true;
  const isUnraid = (one: Device) =>
    UNRAID.test(one.kname) && one.parents.length === 0;
  return isUnraid(a) !== isUnraid(b);
}

const ZVOL = /^zd\d+(?:p\d+)?$/;

/**
 * A volume that is there for virtual machines, as far as can be told: a ZFS
 * volume, or a logical one without a filesystem, that this host does not mount.
 */
function isGuests(
  { device, signature, mounted }: Contents,
  { graph, isMounted }: {
    readonly graph: DeviceGraph;
    readonly isMounted: (device: Device) => boolean;
  },
): boolean {
  if (mounted.mounts.length > 0) return false;
  const above = [...graph.above(device)];
  if (above.some(isMounted)) return false;
  if (ZVOL.test(device.kname)) return true;
  const isBlankVolume = (one: Device) =>
    one.kind === "lvm" && graph.holders(one).length === 0;
  if (isPartition(device)) return graph.parents(device).some(isBlankVolume);
  return signature.type === null && isBlankVolume(device);
}

/** In bytes. Larger ones may be a place for something. */
const MAX_RESERVED_BYTES = 128 * 1024 * 1024;

/**
 * Partitions that never hold files: extended, and those of Microsoft, BIOS
 * boot, PReP and Solaris. @see gpt-part-types in libfdisk
 */
const WITHOUT_FILES: ReadonlySet<string> = new Set([
  "0x5",
  "0xf",
  "0x85",
  "e3c9e316-0b5c-4db8-817d-f92df00215ae",
  "21686148-6449-6e6f-744e-656564454649",
  "9e1a2d38-c612-4316-aa26-8b49521e5a8b",
  "6a945a3b-1dd2-11b2-99a6-080020736631",
]);

function isReserved(
  { device, signature, mounted }: Contents,
  graph: DeviceGraph,
): boolean {
  const { type, parttype, partlabel } = signature;
  if (!isPartition(device) || type !== null) return false;
  if (mounted.mounts.length > 0 || graph.children(device).length > 0) {
    return false;
  }
  return WITHOUT_FILES.has(parttype?.toLowerCase() ?? "") ||
    (partlabel === null && device.partlabel === null && device.size !== null &&
      device.size <= MAX_RESERVED_BYTES);
}

/** A drive with partitions, or any device without a signature below another one. */
function hasItsContentsAbove(
  { device, signature, mounted }: Contents,
  { graph, hidden }: Surroundings,
): boolean {
  if (signature.type !== null || mounted.mounts.length > 0) return false;
  return [...graph.above(device)].some(({ kname }) => {
    const why = hidden.get(kname);
    return why !== "reserved" && why !== "empty";
  });
}

/** Kernel names of the devices in use. */
function inUse(
  all: readonly Contents[],
  { graph, hidden }: Surroundings,
): Set<string> {
  const used = new Set<string>();
  for (const { device, mounted } of all) {
    // lsblk may see mounts of another namespace than the host's.
    const isUsed = mounted.mounts.length > 0 || device.mounts.length > 0 ||
      hidden.get(device.kname) === "guest" ||
      graph.holders(device).length > 0;
    if (!isUsed) continue;
    used.add(device.kname);
    for (const { kname } of graph.below(device)) used.add(kname);
  }
  return used;
}

function volumeGroup(
  device: Device,
  { graph, signature }: {
    readonly graph: DeviceGraph;
    readonly signature: Signature;
  },
): string | null {
  const own = nameInLvm(device);
  if (own !== null) return own[0];
  if (signature.type !== "LVM2_member") return null;
  for (const volume of graph.children(device)) {
    const name = nameInLvm(volume);
    if (name !== null) return name[0];
  }
  return null;
}
