import { type Disk, makeDisk } from "../inventory/disk.ts";
import { printableStart } from "../text/printable.ts";
import type { Device } from "./device.ts";
import type { MountTable } from "./mounts.ts";
import type { Signature } from "./parse_blkid.ts";
import type { Reading } from "./read_signature.ts";

/** A device and the result of reading it. */
export interface KnownDevices {
  readonly device: Device;
  /** The last one; `null` before the first has ended. */
  readonly reading: Reading | null;
  /** Its last signature; `null` if reading never succeeded. */
  readonly signature: Signature | null;
  /** Why reading it takes so long, as a sentence; `null` if it does not. */
  readonly slowness: string | null;
}

/** The known disks of this host. */
export interface FoundDisks {
  /** `null`: so incomplete that an older list is better. */
  readonly disks: readonly Disk[] | null;
  readonly problems: readonly string[];
}

/** Largest number of paths named in a sentence; further ones are counted. */
const MAX_NAMED = 3;

/** Builds the list of disks from signatures read or remembered, or else known to udev. */
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

/** The known signature of a device; `null` if it is unknown as yet, or the device is not ours. */
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

/** A device being read again is slow, whatever its last result. */
function troubles(known: readonly KnownDevices[]): string[] {
  return known.flatMap(({ reading, slowness }) => {
    const trouble = slowness ??
      (reading?.kind === "failed" ? reading.problem : null);
    return trouble === null
      ? []
      : [`${trouble} Its last known contents stay listed.`];
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
    `No permission to read ${names}, and no udev data about it: run diskd as root and, in a container, give it access to the devices.`,
  ];
}

/** Facts about a disk from other devices and from the mount table. */
interface Surroundings {
  readonly mounts: readonly string[];
  /** All read-only mount points of this host. */
  readonly readOnlyMounts: ReadonlySet<string>;
  readonly holders: readonly string[];
}

/** Whether a device with this signature is a disk. */
export function isDisk(signature: Signature): boolean {
  return signature.uuid !== null || signature.label !== null;
}

/**
 * The disk of a device; `null` if its signature has neither UUID nor label.
 * Names of a partition alone make no disk, nor does lsblk's data from the udev
 * database, which may describe another `/dev` than ours.
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

/** The signature known to udev, for a user who may not read the device. */
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

/** Sorted paths of the devices directly on top of a device, by its kernel name. */
type Holders = ReadonlyMap<string, readonly string[]>;

/**
 * The RAID on top of its members, the mapping on top of its LUKS partition, the
 * logical volumes on top of their physical one. Partitions are parts of their
 * disk, not holders.
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

/**
 * Some versions of lsblk call the partitions of a RAID `md`, so names count
 * too: the kernel's name is that of the disk and a number, with a `p` in
 * between if the disk's name ends in a digit.
 */
function isPartitionOf({ kind, kname }: Device, parent: string): boolean {
  if (kind === "part") return true;
  const rest = kname.startsWith(parent) ? kname.slice(parent.length) : "";
  return (/\d$/.test(parent) ? /^p\d+$/ : /^\d+$/).test(rest);
}

/** Greatest depth: disk, partition, RAID, encryption, volume, thin pool. */
const MAX_STACKED = 8;

type Hardware = Pick<Device, "model" | "serial" | "wwn" | "tran" | "rm">;

/**
 * Gives partitions and volumes missing values of model, serial number, WWN,
 * transport and `rm` from the devices below, so that a partition is found by
 * the serial number of its disk. A device on several others gets only the
 * values common to all.
 */
export function inheritHardware(devices: readonly Device[]): Device[] {
  const byName = new Map(devices.map((device) => [device.kname, device]));
  // One round for each layer, instead of recursion: parents may come after
  // their children, and the output of a program may even contain a cycle.
  for (let round = 0; round < MAX_STACKED; round++) {
    if (!inheritOnce(byName)) break;
  }
  return [...byName.values()];
}

/** Returns whether anything changed. */
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

/** `null` if the parents add nothing. */
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

/** A device and its signature. */
interface Signed {
  readonly device: Device;
  readonly signature: Signature;
}

/**
 * The mount points of a device and of the other members of its btrfs: many
 * versions of lsblk show a mount at a single member, although all are in use. A
 * clone of a member, with the same `uuid_sub`, does not count.
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
