import type { System } from "../system/system.ts";
import {
  isReadOnly,
  type MountPoint,
  readMountPoints,
} from "./mount_points.ts";
import { readFsname, type SshfsSource } from "./sshfs_argv.ts";

/** A directory of this host that shows a disk of another. */
export interface SshfsMount extends SshfsSource {
  readonly directory: string;
  readonly isReadOnly: boolean;
}

/**
 * What sshfs shows here for us. There is no other memory of it than the
 * kernel's, and findmnt looks at no filesystem: so one that hangs is no matter.
 * @throws {Refusal} `failed`, where findmnt does not end well
 */
export async function readSshfsMounts(
  { system, uid }: { readonly system: System; readonly uid: number | null },
): Promise<SshfsMount[]> {
  return sshfsMountsAmong(await readMountPoints(system), uid);
}

/** The same of what is mounted. FUSE says whose a mount is; that of another user may bear any name. */
export function sshfsMountsAmong(
  mounts: readonly MountPoint[],
  uid: number | null,
): SshfsMount[] {
  return mounts.flatMap((mount) => {
    const named = readFsname(mount.source ?? "");
    if (named === null || !mount.options.includes(`user_id=${uid}`)) return [];
    const { target: directory } = mount;
    return [{ ...named, directory, isReadOnly: isReadOnly(mount) }];
  });
}
