/**
 * What is known of one disk: a block device that carries a filesystem or
 * container signature. Every name is blkid's (lower case, without the `ID_FS_`
 * of its udev output) or lsblk's.
 */
export interface Disk {
  /** Path of the device on its host, `/dev/sdb1`. */
  readonly device: string;
  readonly uuid: string | null;
  readonly label: string | null;
  /** Filesystem or container, `ext4`, `crypto_LUKS`, `linux_raid_member`. */
  readonly type: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** Mount points on the disk's host; `[SWAP]`, as lsblk has it, for swap in use. */
  readonly mounts: readonly string[];
  /** Those of `mounts` that are mounted read-only. */
  readonly mounts_ro: readonly string[];
  /** Devices that lie on it, by path: the RAID, LUKS mapping or logical volumes that a member belongs to. sysfs has the name. */
  readonly holders: readonly string[];
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  /** Tells the members of one btrfs, RAID or LVM apart. */
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

/** What is so of a disk on whichever host it is. */
export type DiskFacts = Omit<
  Disk,
  "device" | "mounts" | "mounts_ro" | "holders"
>;

/** Of all that is known of a disk, what stays with it. */
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

/** The keys of a disk that hold text or nothing, in the order of `Disk`. */
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
 * A disk with everything unknown but what is given. All disks are made here,
 * so that all have their keys in one order and V8 keeps one shape for them.
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

/** What makes a disk the same one on another host: btrfs members share a UUID, so both count. `null` when nothing does. */
export function diskName(
  disk: Pick<Disk, "uuid" | "uuid_sub" | "label">,
): string | null {
  if (disk.uuid !== null) return `uuid ${disk.uuid} ${disk.uuid_sub ?? ""}`;
  return disk.label === null ? null : `label ${disk.label}`;
}

/** The same, but a disk that nothing names goes by its place: it cannot be told on another host. */
export function nameAt(
  disk: Pick<Disk, "uuid" | "uuid_sub" | "label" | "device">,
  hostId: string,
): string {
  return diskName(disk) ?? `device ${disk.device} of ${hostId}`;
}
