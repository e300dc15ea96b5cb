/** lsblk's data of a block device, known without reading its medium. */
export interface Device {
  /** Path in `/dev`, such as `/dev/mapper/vg-root`. */
  readonly path: string;
  /** Kernel name, such as `dm-0`. */
  readonly kname: string;
  /** Kernel names of the devices below: none for a disk, one for a partition, many for a RAID. */
  readonly parents: readonly string[];
  /** lsblk's TYPE: `disk`, `part`, `loop`, `crypt`, `lvm`, `raid1`, `mpath`. */
  readonly kind: string | null;
  /**
   * Whether it has a node in our `/dev`; without one it belongs to another
   * container or namespace. `null`: unknown.
   */
  readonly hasNode: boolean | null;
  /** Its numbers, `8:17`; `null`: unknown. */
  readonly majMin: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** From the udev database, like the next four: `null` without udev. */
  readonly fstype: string | null;
  readonly uuid: string | null;
  readonly label: string | null;
  readonly partuuid: string | null;
  readonly partlabel: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly tran: string | null;
  /** udev's ID_PATH of the drive; `null` without udev. */
  readonly port: string | null;
  readonly rm: boolean | null;
  readonly ro: boolean | null;
  readonly mounts: readonly string[];
}

/** A device known only by its path. */
export function bareDevice(path: string): Device {
  return {
    path,
    kname: path.slice(path.lastIndexOf("/") + 1),
    parents: [],
    kind: null,
    hasNode: null,
    majMin: null,
    size: null,
    fstype: null,
    uuid: null,
    label: null,
    partuuid: null,
    partlabel: null,
    model: null,
    serial: null,
    wwn: null,
    tran: null,
    port: null,
    rm: null,
    ro: null,
    mounts: [],
  };
}
