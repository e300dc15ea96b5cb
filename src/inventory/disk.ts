/**
 * A disk: a block device with a filesystem or container signature. Field names
 * are those of blkid (lower case, without the `ID_FS_` of its udev output) or
 * lsblk.
 */
export interface Disk {
  /** Path of the device on its host, such as `/dev/sdb1`. */
  readonly device: string;
  readonly uuid: string | null;
  readonly label: string | null;
  /**
   * Filesystem or container, such as `ext4`, `crypto_LUKS`,
   * `linux_raid_member`.
   */
  readonly type: string | null;
  /** In bytes. */
  readonly size: number | null;
  /**
   * Mount points on the disk's host; `[SWAP]`, as in lsblk, for active swap.
   */
  readonly mounts: readonly string[];
  /** Those of `mounts` that are read-only. */
  readonly mounts_ro: readonly string[];
  /**
   * Paths of the devices on top of it: the RAID, LUKS mapping or logical
   * volumes of a member. The name is that of sysfs.
   */
  readonly holders: readonly string[];
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  /** Distinguishes the members of a btrfs, RAID or LVM. */
  readonly uuid_sub: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  /** Transport: `sata`, `usb`, `nvme`. */
  readonly tran: string | null;
  /** Removable. */
  readonly rm: boolean | null;
  /** Read-only. */
  readonly ro: boolean | null;
}

/** Fields of a disk that do not depend on its host. */
export type DiskFacts = Omit<
  Disk,
  "device" | "mounts" | "mounts_ro" | "holders"
>;

/** The fields of a disk that do not depend on its host. */
export function factsOf(disk: DiskFacts): DiskFacts {
  return {
    uuid: disk.uuid,
    label: disk.label,
    type: disk.type,
    size: disk.size,
    partuuid: disk.partuuid,
    partlabel: disk.partlabel,
    uuid_sub: disk.uuid_sub,
    model: disk.model,
    serial: disk.serial,
    wwn: disk.wwn,
    tran: disk.tran,
    rm: disk.rm,
    ro: disk.ro,
  };
}

/** The keys of a disk with text or `null`, in the order of `Disk`. */
export const TEXT_FIELDS = [
  "uuid",
  "label",
  "type",
  "partuuid",
  "partlabel",
  "uuid_sub",
  "model",
  "serial",
  "wwn",
  "tran",
] as const;

/**
 * Makes a disk; missing fields are unknown. All disks are made here, so that
 * their keys have the same order and V8 keeps a single shape for them.
 */
export function makeDisk(
  known: Partial<Disk> & { readonly device: string },
): Disk {
  return {
    device: known.device,
    uuid: known.uuid ?? null,
    label: known.label ?? null,
    type: known.type ?? null,
    size: known.size ?? null,
    mounts: known.mounts ?? NONE,
    mounts_ro: known.mounts_ro ?? NONE,
    holders: known.holders ?? NONE,
    partuuid: known.partuuid ?? null,
    partlabel: known.partlabel ?? null,
    uuid_sub: known.uuid_sub ?? null,
    model: known.model ?? null,
    serial: known.serial ?? null,
    wwn: known.wwn ?? null,
    tran: known.tran ?? null,
    rm: known.rm ?? null,
    ro: known.ro ?? null,
  };
}

const NONE: readonly string[] = Object.freeze([]);

/**
 * Identifies a disk across hosts. Members of a btrfs share the UUID, so
 * UUID_SUB counts too. `null` if the disk has neither.
 */
export function diskName(
  disk: Pick<Disk, "uuid" | "uuid_sub" | "label">,
): string | null {
  if (disk.uuid !== null) return `uuid ${disk.uuid} ${disk.uuid_sub ?? ""}`;
  return disk.label === null ? null : `label ${disk.label}`;
}

/**
 * The same, but a disk without such a name is identified by its place, and
 * cannot be recognized on another host.
 */
export function nameAt(
  disk: Pick<Disk, "uuid" | "uuid_sub" | "label" | "device">,
  hostId: string,
): string {
  return diskName(disk) ?? `device ${disk.device} of ${hostId}`;
}
