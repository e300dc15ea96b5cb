import { realSerial, realWwn } from "./evidence.ts";

/** The values of a field. `null` and an empty list: nothing is known. */
interface FieldValues {
  readonly text: string | null;
  readonly number: number | null;
  readonly flag: boolean | null;
  readonly texts: readonly string[];
}

export interface DiskField {
  readonly kind: keyof FieldValues;
  /** `disk`: the same on whichever host it is attached to. */
  readonly of: "disk" | "place";
  /**
   * In a row too long for a datagram, the fields with the lowest number are
   * dropped first. Without a number: not dropped whole.
   */
  readonly missed?: number;
}

/**
 * Every field of a disk, in the order of its keys. Names are those of blkid
 * (lower case, without the `ID_FS_` of its udev output) or lsblk. The wire, the
 * history, exports, imports, JSON, comparison and memory limits follow from
 * this table; `src/probe/assemble.ts` says where a value comes from.
 */
export const DISK_FIELDS = {
  /** Path of the device on its host, such as `/dev/sdb1`. Never `null`. */
  device: { kind: "text", of: "place" },
  uuid: { kind: "text", of: "disk" },
  label: { kind: "text", of: "disk" },
  /** Filesystem or container, such as `ext4`, `crypto_LUKS`, `linux_raid_member`. */
  type: { kind: "text", of: "disk", missed: 11 },
  /** Every type of a device with several signatures; empty for one or none. */
  types: { kind: "texts", of: "place" },
  /** Bytes. */
  size: { kind: "number", of: "disk", missed: 10 },
  /**
   * Mount points on the disk's host; `[SWAP]`, as in lsblk, for active swap. The
   * first is `/` or else the oldest that shows the whole filesystem.
   */
  mounts: { kind: "texts", of: "place" },
  /** Those of `mounts` that are read-only. */
  mounts_ro: { kind: "texts", of: "place" },
  /** Number of further mount points: bind mounts, and those cut for want of room. */
  binds: { kind: "number", of: "place" },
  /**
   * Whether it is mounted, or something on it is: a filesystem, swap, an active
   * array, volume group or pool, an opened LUKS, a guest's volume.
   */
  inUse: { kind: "flag", of: "place" },
  /**
   * Paths of the devices on top of it: the RAID, LUKS mapping or logical
   * volumes of a member. The name is that of sysfs.
   */
  holders: { kind: "texts", of: "place" },
  /** Paths of the devices directly below it; none for a drive. */
  parents: { kind: "texts", of: "place" },
  /** Kernel name, such as `dm-0`; `null`: the last part of `device`. */
  kname: { kind: "text", of: "place", missed: 12 },
  /** lsblk's TYPE: `disk`, `part`, `loop`, `crypt`, `lvm`, `raid1`, `mpath`. */
  kind: { kind: "text", of: "disk", missed: 13 },
  /**
   * Why lists leave it out; `null`: they show it.
   * @see `Hidden`
   */
  hidden: { kind: "text", of: "place" },
  /** `unreadable`: its reads fail. `null`: nothing is known to be wrong. */
  health: { kind: "text", of: "place" },
  /** The port its drive hangs on: udev's ID_PATH. */
  port: { kind: "text", of: "place", missed: 0 },
  /** The name of that port, from the setting `ports`. */
  slot: { kind: "text", of: "place", missed: 0 },
  /** The volume group that it is a member of, or lies in. */
  vg: { kind: "text", of: "disk", missed: 4 },
  partuuid: { kind: "text", of: "disk", missed: 6 },
  partlabel: { kind: "text", of: "disk", missed: 5 },
  /** Distinguishes the members of a btrfs, RAID or LVM. */
  uuid_sub: { kind: "text", of: "disk", missed: 7 },
  model: { kind: "text", of: "disk", missed: 1 },
  serial: { kind: "text", of: "disk", missed: 4 },
  wwn: { kind: "text", of: "disk", missed: 3 },
  /** Transport: `sata`, `usb`, `nvme`. */
  tran: { kind: "text", of: "disk", missed: 2 },
  /** Removable. */
  rm: { kind: "flag", of: "disk", missed: 8 },
  /** Read-only. */
  ro: { kind: "flag", of: "disk", missed: 9 },
} as const satisfies Readonly<Record<string, DiskField>>;

/**
 * Why lists leave a device out, unless every device is asked for:
 *
 * - `parts`: a drive, array or the like, with its contents in its partitions.
 * - `path`: one path of a multipath drive, or a partition seen through one.
 * - `twin`: the same contents as another device of the host, which is shown.
 * - `snapshot`: of a volume that is shown.
 * - `inner`: made by LVM for its own use.
 * - `image`: a read-only image of an installed program, such as a snap.
 * - `ram`: in memory, such as zram.
 * - `empty`: without a medium.
 * - `reserved`: a small partition without contents or name.
 * - `guest`: a volume that a virtual machine uses.
 */
export type Hidden =
  | "parts"
  | "path"
  | "twin"
  | "snapshot"
  | "inner"
  | "image"
  | "ram"
  | "empty"
  | "reserved"
  | "guest";

type FieldTable = typeof DISK_FIELDS;

export type FieldName = keyof FieldTable;

/** Fields that do not depend on the host. */
export type FactName = {
  [Name in FieldName]: FieldTable[Name]["of"] extends "disk" ? Name : never;
}[FieldName];

/** A disk: a block device of a host. */
export type Disk = {
  readonly [Name in FieldName]: Name extends "device" ? string
    : FieldValues[FieldTable[Name]["kind"]];
};

/** Fields of a disk that do not depend on its host. */
export type DiskFacts = Pick<Disk, FactName>;

export const FIELD_NAMES = Object.keys(DISK_FIELDS) as readonly FieldName[];

export const FACT_NAMES = FIELD_NAMES.filter((name): name is FactName =>
  DISK_FIELDS[name].of === "disk"
);

/**
 * Fields of a place that outlive it: those of hosts that are silent, and of
 * disks that left. Mount points are kept apart; hidden devices are not kept.
 */
export const CIRCUMSTANCE_NAMES = FIELD_NAMES.filter((name) =>
  DISK_FIELDS[name].of === "place" && name !== "device" && name !== "mounts" &&
  name !== "hidden"
);

/** What its host said of a disk, besides its device and mount points. */
export type Circumstances = Partial<Disk>;

/** Those that are known. */
export function circumstancesOf(disk: Disk): Circumstances {
  const known = CIRCUMSTANCE_NAMES.filter((name) => {
    const value = disk[name];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  });
  return mapFields(known, (name) => disk[name]);
}

/** A value for each of `names`, with the keys in their order. */
export function mapFields<Name extends FieldName>(
  names: readonly Name[],
  valueOf: (name: Name, kind: DiskField["kind"]) => unknown,
): Pick<Disk, Name> {
  const values: Partial<Record<Name, unknown>> = {};
  for (const name of names) {
    values[name] = valueOf(name, DISK_FIELDS[name].kind);
  }
  return values as Pick<Disk, Name>;
}

/** The fields of a disk that do not depend on its host. */
export function factsOf(disk: DiskFacts): DiskFacts {
  return mapFields(FACT_NAMES, (name) => disk[name]);
}

/** Makes a disk with the keys in the order of `DISK_FIELDS`; missing fields are unknown. */
export function makeDisk(
  known: Partial<Disk> & { readonly device: string },
): Disk {
  return mapFields(
    FIELD_NAMES,
    (name, kind) => known[name] ?? (kind === "texts" ? NONE : null),
  );
}

const NONE: readonly string[] = Object.freeze([]);

/** Such as `sdb1` or `dm-0`. */
export function kernelName(
  { kname, device }: Pick<Disk, "kname" | "device">,
): string {
  return kname ?? device.slice(device.lastIndexOf("/") + 1);
}

type Identified = Pick<
  Disk,
  "uuid" | "uuid_sub" | "label" | "partuuid" | "kind" | "wwn" | "serial"
>;

/**
 * Identifies a disk across hosts. Members of a btrfs share the UUID, so
 * UUID_SUB counts too. A volume without UUID and label has the PARTUUID of its
 * partition, and a whole drive its WWN or serial number. `null` if the disk has
 * none of them.
 */
export function diskName(disk: Identified): string | null {
  if (disk.uuid !== null) return `uuid ${disk.uuid} ${disk.uuid_sub ?? ""}`;
  if (disk.label !== null) return `label ${disk.label}`;
  if (disk.partuuid !== null) return `partuuid ${disk.partuuid}`;
  if (disk.kind !== "disk" && disk.kind !== "mpath") return null;
  const wwn = realWwn(disk.wwn);
  if (wwn !== null) return `wwn ${wwn}`;
  const serial = realSerial(disk.serial);
  return serial === null ? null : `serial ${serial}`;
}

/**
 * The same, but a disk without such a name is identified by its place, and
 * cannot be recognized on another host.
 */
export function nameAt(
  disk: Identified & Pick<Disk, "device">,
  hostId: string,
): string {
  return diskName(disk) ?? `device ${disk.device} of ${hostId}`;
}
