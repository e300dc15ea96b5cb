import { type Disk, makeDisk } from "../inventory/disk.ts";
import { DEFAULT_INVENTORY_LIMITS } from "../inventory/limits.ts";
import { printableStart } from "../text/printable.ts";
import { classify, type Contents, isForMedia, isNvmePath } from "./classify.ts";
import type { Device } from "./device.ts";
import { DeviceGraph } from "./device_graph.ts";
import { type MountTable, NOT_MOUNTED } from "./mounts.ts";
import { NO_SIGNATURE, type Signature } from "./parse_blkid.ts";
import type { Reading } from "./read_signature.ts";

/** A device and the result of reading it. */
export interface KnownDevice {
  readonly device: Device;
  /** The last one; `null` before the first has ended. */
  readonly reading: Reading | null;
  /** Its last signature; `null` if reading never succeeded. */
  readonly signature: Signature | null;
  /** Why reading it takes so long, as a sentence; `null` if it does not. */
  readonly slowness: string | null;
}

/** What else is known of the host. */
export interface HostFacts {
  readonly mounts: MountTable;
  /** All devices, also those that are not examined. */
  readonly listed: readonly Device[];
  /** The name that the admin gave a port; `null` if none. */
  readonly slotOf: (port: string) => string | null;
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
  known: readonly KnownDevice[],
  surroundings: HostFacts,
): FoundDisks {
  const udevRuns = known.some(({ device }) => device.fstype !== null);
  const noBlkid = firstWithoutBlkid(known);
  const disks = listDisks(known, { ...surroundings, udevRuns });
  const left = disks.length - MAX_OWN_ROWS;
  const problems = [
    ...(noBlkid === null ? [] : [noBlkid]),
    ...(udevRuns ? [] : deniedProblem(known)),
    ...troubles(known),
    ...(left > 0 ? [tooManyRows(disks.length)] : []),
  ];
  const nothingKnown = known.every(({ signature }) => signature === null);
  if (noBlkid !== null && nothingKnown && !udevRuns) {
    return { disks: null, problems };
  }
  return { disks: left > 0 ? mostImportant(disks) : disks, problems };
}

/** Rows that other hosts keep of a host. */
const MAX_OWN_ROWS = DEFAULT_INVENTORY_LIMITS.disksPerHost;

/**
 * Those that lists show go first, and before the volumes the drives and members
 * below them: thousands of volumes leave no drive out.
 */
function mostImportant(disks: readonly Disk[]): Disk[] {
  return disks
    .toSorted((a, b) => importance(b) - importance(a))
    .slice(0, MAX_OWN_ROWS);
}

function importance({ hidden, parents, holders }: Disk): number {
  if (hidden !== null) return 0;
  return parents.length > 0 && holders.length === 0 ? 1 : 2;
}

function tooManyRows(count: number): string {
  return `This host has ${count} block devices to tell of: ${
    count - MAX_OWN_ROWS
  } of them, those that lists do not show first, were left out, since ${MAX_OWN_ROWS} is the most.`;
}

/** What a device is known to hold. */
type Known = Pick<Contents, "signature" | "isFailing" | "isEmpty">;

/** `null`: nothing is known as yet, or the device is not ours. */
export function contentsOf(
  { device, reading, signature, slowness }: KnownDevice,
  { udevRuns }: { readonly udevRuns: boolean },
): Known | null {
  if (isNvmePath(device)) return whole(NO_SIGNATURE);
  if (device.hasNode === false) return null;
  const fromUdev = udevRuns ? signatureFromUdev(device) : null;
  switch (reading?.kind) {
    case undefined:
      // A slow disk is listed as udev knows it, if it does.
      return slowness === null ? null : whole(isKnown(fromUdev));
    case "absent":
      return null;
    case "empty":
      return { signature: NO_SIGNATURE, isFailing: false, isEmpty: true };
    case "read":
      return whole(reading.signature);
    case "failed": {
      const best = reading.signature ?? signature ??
        signatureFromUdev(device);
      return { signature: best, isFailing: true, isEmpty: false };
    }
    case "no-blkid":
    case "denied":
      return whole(signature ?? fromUdev);
  }
}

function whole(signature: Signature | null): Known | null {
  return signature && { signature, isFailing: false, isEmpty: false };
}

function isKnown(signature: Signature | null): Signature | null {
  return signature?.type || signature?.uuid || signature?.label
    ? signature
    : null;
}

/** The signature known to udev, for a user who may not read the device. */
function signatureFromUdev(device: Device): Signature {
  const { uuid, label, fstype, partuuid, partlabel } = device;
  return { ...NO_SIGNATURE, uuid, label, type: fstype, partuuid, partlabel };
}

function listDisks(
  known: readonly KnownDevice[],
  { mounts, listed, slotOf, udevRuns }: HostFacts & {
    readonly udevRuns: boolean;
  },
): Disk[] {
  const found = known.flatMap((one): Contents[] => {
    const contents = contentsOf(one, { udevRuns });
    if (contents === null) return [];
    return [withMounts({ ...contents, device: one.device }, mounts)];
  });
  const all = shareMounts(found);
  const graph = new DeviceGraph(listed);
  const standings = classify(all, graph);
  const pathOf = new Map(listed.map(({ kname, path }) => [kname, path]));
  return all.map(({ device, signature, mounted, isFailing }) => {
    const { hidden, inUse, vg } = standings.get(device.kname)!;
    return makeDisk({
      device: device.path,
      uuid: signature.uuid,
      label: signature.label,
      type: signature.type,
      types: signature.types,
      size: device.size,
      mounts: mounted.mounts,
      mounts_ro: mounted.readOnly,
      binds: mounted.binds || null,
      inUse,
      holders: graph.holders(device).map(({ path }) => path).sort(),
      parents: device.parents.map((name) => pathOf.get(name) ?? `/dev/${name}`),
      kname: device.path.endsWith(`/${device.kname}`) ? null : device.kname,
      kind: device.kind,
      hidden,
      health: isFailing && hidden !== "empty" ? "unreadable" : null,
      port: device.port,
      slot: device.port && slotOf(device.port),
      vg,
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
  });
}

/**
 * Adds where it is mounted. A mounted device is never blank: what blkid did not
 * find, the kernel and udev know.
 */
function withMounts(
  one: Omit<Contents, "mounted" | "isMountedItself">,
  table: MountTable,
): Contents {
  const { device, signature } = one;
  const isInPool = signature.type === "zfs_member" && signature.label !== null;
  const mounted = isInPool ? table.ofPool(signature.label) : table.of(device);
  const isMounted = mounted.mounts.length > 0;
  const isMountedItself = isMounted && !isInPool;
  if (!isMounted || signature.type !== null) {
    return { ...one, mounted, isMountedItself };
  }
  const type = device.fstype ?? mounted.fstype;
  const { uuid, label } = device;
  const explained = { ...signature, uuid, label, type };
  return { ...one, mounted, isMountedItself, signature: explained };
}

/** Filesystems of several devices, all of which are in use when it is mounted. */
const OF_SEVERAL = /^(?:btrfs|bcachefs)$/;

/**
 * Gives a device the mounts of the other members of its filesystem: lsblk and
 * findmnt may show a mount at a single member. A clone of a member, with the
 * same `uuid_sub`, does not count.
 */
function shareMounts(all: readonly Contents[]): Contents[] {
  const isMember = ({ signature: { type, uuid_sub } }: Contents) =>
    OF_SEVERAL.test(type ?? "") && uuid_sub !== null;
  const isMounted = ({ mounted }: Contents) => mounted.mounts.length > 0;
  const mounted = Map.groupBy(
    all.filter((one) => isMember(one) && isMounted(one)),
    ({ signature }) => signature.uuid,
  );
  return all.map((one) => {
    if (!isMember(one) || isMounted(one)) return one;
    const other = (mounted.get(one.signature.uuid) ?? []).find((member) =>
      member.signature.uuid_sub !== one.signature.uuid_sub
    );
    return { ...one, mounted: other?.mounted ?? NOT_MOUNTED };
  });
}

function firstWithoutBlkid(known: readonly KnownDevice[]): string | null {
  for (const { reading } of known) {
    if (reading?.kind === "no-blkid") return reading.problem;
  }
  return null;
}

/** A device being read again is slow, whatever its last result. */
function troubles(known: readonly KnownDevice[]): string[] {
  return known.flatMap(({ device, reading, slowness }) => {
    if (isForMedia(device)) return [];
    const trouble = slowness ??
      (reading?.kind === "failed" ? reading.problem : null);
    return trouble === null
      ? []
      : [`${trouble} Its last known contents stay listed.`];
  });
}

function deniedProblem(known: readonly KnownDevice[]): string[] {
  const paths = known
    .filter(({ reading }) => reading?.kind === "denied")
    .map(({ device }) => printableStart(device.path));
  if (paths.length === 0) return [];
  const rest = paths.length - MAX_NAMED;
  const names = paths.slice(0, MAX_NAMED).join(", ") +
    (rest > 0 ? ` and ${rest} more` : "");
  return [
    `No permission to read ${names}, and no udev data about it: run diskd as root and, in a container, give it access to the devices.`,
  ];
}
