import { type Disk, makeDisk } from "../inventory/disk.ts";
import { printableStart } from "../text/printable.ts";
import type { Device } from "./device.ts";
import type { MountTable } from "./mounts.ts";
import type { Signature } from "./parse_blkid.ts";
import type { Reading } from "./read_signature.ts";

/** A device and what came of reading it. */
export interface KnownDevices {
  readonly device: Device;
  /** The last one; `null`: none has ended yet. */
  readonly reading: Reading | null;
  /** What was last read off it, `null` where that never worked. */
  readonly signature: Signature | null;
  /** Why it takes so long to read it, as a sentence; `null` where it does not. */
  readonly slowness: string | null;
}

/** The disks of this host, as far as they are known. */
export interface FoundDisks {
  /** `null`: so little is known that an older list is better. */
  readonly disks: readonly Disk[] | null;
  readonly problems: readonly string[];
}

/** Paths named in one sentence; the others are counted. */
const MAX_NAMED = 3;

/** Makes the list of disks out of what was read, remembered and, where neither is to be had, known to udev. */
export function assemble(
  known: readonly KnownDevices[],
  mounts: MountTable,
): FoundDisks {
  const udevRuns = known.some(({ device }) => device.fstype !== null);
  const noBlkid = firstWithoutBlkid(known);
  const problems = [
    ...(noBlkid === null ? [] : [noBlkid]),
    ...(udevRuns ? [] : unreadableProblem(known)),
    ...troubles(known),
  ];
  const nothingKnown = known.every(({ signature }) => signature === null);
  if (noBlkid !== null && nothingKnown && !udevRuns) {
    return { disks: null, problems };
  }
  return { disks: listDisks(known, mounts), problems };
}

/** What a device carries, as far as is known; `null`: nobody can tell yet, or it is not ours. */
export function signatureOf(
  { device, reading, signature, slowness }: KnownDevices,
): Signature | null {
  if (device.hasNode === false) return null;
  switch (reading?.kind) {
    case undefined:
      return slowness === null ? null : signatureFromUdev(device);
    case "absent":
      return null;
    case "read":
      return reading.signature;
    case "failed":
    case "no-blkid":
      return signature ?? signatureFromUdev(device);
    case "unreadable":
      return signatureFromUdev(device);
  }
}

function listDisks(
  known: readonly KnownDevices[],
  mounts: MountTable,
): Disk[] {
  const signed = known.flatMap((one) => {
    const signature = signatureOf(one);
    if (signature === null) return [];
    const device = { ...one.device, mounts: mounts.mountsOf(one.device) };
    return [{ device, signature }];
  });
  const holders = holdersOf(known.map(({ device }) => device));
  const mountsOf = sharedMounts(signed);
  return signed.flatMap((one) =>
    combineSources(one, {
      mounts: mountsOf(one),
      readOnlyMounts: mounts.readOnly,
      holders: holders.get(one.device.kname) ?? [],
    }) ?? []
  );
}

function firstWithoutBlkid(known: readonly KnownDevices[]): string | null {
  for (const { reading } of known) {
    if (reading?.kind === "no-blkid") return reading.problem;
  }
  return null;
}

/** A device that is being read again is slow, whatever came of it before. */
function troubles(known: readonly KnownDevices[]): string[] {
  return known.flatMap(({ reading, slowness }) => {
    const trouble = slowness ??
      (reading?.kind === "failed" ? reading.problem : null);
    return trouble === null
      ? []
      : [`${trouble} What was last known of the device is kept.`];
  });
}

function unreadableProblem(known: readonly KnownDevices[]): string[] {
  const paths = known
    .filter(({ reading }) => reading?.kind === "unreadable")
    .map(({ device }) => printableStart(device.path));
  if (paths.length === 0) return [];
  const rest = paths.length - MAX_NAMED;
  const names = paths.slice(0, MAX_NAMED).join(", ") +
    (rest > 0 ? ` and ${rest} more` : "");
  return [
    `No permission to read ${names}, and no udev here to tell what is on it: run diskd as root and, in a container, let it have the devices.`,
  ];
}

/** What is known of a disk from other devices and from the table of mounts. */
interface Surroundings {
  readonly mounts: readonly string[];
  /** All mount points of this host that are read-only. */
  readonly readOnlyMounts: ReadonlySet<string>;
  readonly holders: readonly string[];
}

/** Whether a device with this signature is a disk. */
export function isDisk(signature: Signature): boolean {
  return signature.uuid !== null || signature.label !== null;
}

/**
 * The disk that a device is, `null` where its signature has neither UUID nor
 * label. Names of a partition alone make no disk, nor does what lsblk has from
 * the udev database: that may be of another `/dev` than ours.
 */
function combineSources(
  { device, signature }: Signed,
  { mounts, readOnlyMounts, holders }: Surroundings,
): Disk | null {
  if (!isDisk(signature)) return null;
  return makeDisk({
    device: device.path,
    uuid: signature.uuid,
    label: signature.label,
    type: signature.type,
    size: device.size,
    mounts,
    mounts_ro: mounts.filter((mount) => readOnlyMounts.has(mount)),
    holders,
    partuuid: signature.partuuid ?? device.partuuid,
    partlabel: signature.partlabel ?? device.partlabel,
    uuid_sub: signature.uuid_sub,
    model: device.model,
    serial: device.serial,
    wwn: device.wwn,
    tran: device.tran,
    rm: device.rm,
    ro: device.ro,
  });
}

/** What udev read off a device, for a user who may not read it. */
function signatureFromUdev(device: Device): Signature {
  return {
    uuid: device.uuid,
    label: device.label,
    type: device.fstype,
    uuid_sub: null,
    partuuid: device.partuuid,
    partlabel: device.partlabel,
  };
}

/** Paths of the devices that lie directly on a device, by its kernel name, sorted. */
type Holders = ReadonlyMap<string, readonly string[]>;

/**
 * What lies on what: the RAID on its members, the mapping on its LUKS
 * partition, the logical volumes on their physical one. Partitions are no
 * holders of their disk: they are parts of it.
 */
export function holdersOf(devices: readonly Device[]): Holders {
  const holders = new Map<string, string[]>();
  for (const device of devices) {
    for (const parent of device.parents) {
      if (isPartitionOf(device, parent)) continue;
      const known = holders.get(parent);
      if (known) known.push(device.path);
      else holders.set(parent, [device.path]);
    }
  }
  for (const paths of holders.values()) paths.sort();
  return holders;
}

/** Some versions of lsblk call the partitions of a RAID `md`, so their names count too: the kernel's are the disk's and a number, with a `p` between where the disk's ends in one. */
function isPartitionOf({ kind, kname }: Device, parent: string): boolean {
  if (kind === "part") return true;
  const rest = kname.startsWith(parent) ? kname.slice(parent.length) : "";
  return (/\d$/.test(parent) ? /^p\d+$/ : /^\d+$/).test(rest);
}

/** Disk, partition, RAID, encryption, volume, thin pool: more is not stacked. */
const MAX_STACKED = 8;

type Hardware = Pick<Device, "model" | "serial" | "wwn" | "tran" | "rm">;

/**
 * Gives partitions and volumes the model, serial number, WWN, transport and
 * `rm` of what they lie on, where they have none of their own: a partition is
 * found by the serial number of its disk. What lies on several devices gets
 * only that in which all of them agree.
 */
export function inheritHardware(devices: readonly Device[]): Device[] {
  const byName = new Map(devices.map((device) => [device.kname, device]));
  // One round for each layer, instead of recursion: parents may come after
  // their children, and what a program prints may even say that they are in a ring.
  for (let round = 0; round < MAX_STACKED; round++) {
    if (!inheritOnce(byName)) break;
  }
  return [...byName.values()];
}

/** True when something changed. */
function inheritOnce(byName: Map<string, Device>): boolean {
  let changed = false;
  for (const device of byName.values()) {
    const parents = device.parents.flatMap((name) => byName.get(name) ?? []);
    const inherited = inheritFrom(parents, device);
    if (inherited === null) continue;
    byName.set(device.kname, { ...device, ...inherited });
    changed = true;
  }
  return changed;
}

/** `null` where the parents add nothing. */
function inheritFrom(
  parents: readonly Device[],
  device: Device,
): Hardware | null {
  if (parents.length === 0) return null;
  const pick = <Key extends keyof Hardware>(key: Key) =>
    device[key] ?? agreedValue(parents, key);
  const inherited: Hardware = {
    model: pick("model"),
    serial: pick("serial"),
    wwn: pick("wwn"),
    tran: pick("tran"),
    rm: pick("rm"),
  };
  const keys = Object.keys(inherited) as (keyof Hardware)[];
  return keys.some((key) => inherited[key] !== device[key]) ? inherited : null;
}

function agreedValue<Key extends keyof Hardware>(
  parents: readonly Device[],
  key: Key,
): Device[Key] | null {
  const value = parents[0]?.[key] ?? null;
  return parents.every((parent) => parent[key] === value) ? value : null;
}

/** A device and the signature that it carries. */
interface Signed {
  readonly device: Device;
  readonly signature: Signature;
}

/**
 * The mount points of a device, and those of the other members of its btrfs:
 * many versions of lsblk show a mount at one member only, and yet all of them
 * are in use. A clone of a member, which has the same `uuid_sub`, gets none
 * from it.
 */
function sharedMounts(
  all: readonly Signed[],
): (one: Signed) => readonly string[] {
  const mounted = Map.groupBy(
    all.filter((one) => isMember(one) && one.device.mounts.length > 0),
    ({ signature }) => signature.uuid,
  );
  return (one) => {
    const { mounts } = one.device;
    if (!isMember(one)) return mounts;
    const others = (mounted.get(one.signature.uuid) ?? [])
      .filter(({ signature }) => signature.uuid_sub !== one.signature.uuid_sub);
    if (others.length === 0) return mounts;
    return [
      ...new Set([...mounts, ...others.flatMap(({ device }) => device.mounts)]),
    ];
  };
}

function isMember({ signature: { type, uuid_sub } }: Signed): boolean {
  return type === "btrfs" && uuid_sub !== null;
}
