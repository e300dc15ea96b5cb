import { type Disk, makeDisk } from "../inventory/disk.ts";
import type { Device } from "./device.ts";
import type { Signature } from "./parse_blkid.ts";
import type { Signed } from "./share_mounts.ts";

/** What is known of a disk from other devices and from the table of mounts. */
export interface Surroundings {
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
export function mergeDisk(
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
export function signatureFromUdev(device: Device): Signature {
  return {
    uuid: device.uuid,
    label: device.label,
    type: device.fstype,
    uuid_sub: null,
    partuuid: device.partuuid,
    partlabel: device.partlabel,
  };
}
