import { type MountPoint, parseFindmnt } from "../probe/parse_findmnt.ts";
import { findmntArgs, MAX_FINDMNT_BYTES } from "../probe/mounts.ts";
import { ProbeError } from "../probe/printed_json.ts";
import type { System } from "../system/system.ts";
import { Refusal } from "./refusal.ts";
import { outputOf } from "./run_attended.ts";

/** Mount points of disks mounted without udisks. In memory, so a reboot leaves nothing. */
export const OUR_FOLDER = "/run/media/diskd";

/**
 * Reads the mounts visible to this process with findmnt(8), in order. `--mtab`
 * adds the options that mount(8) stores in `/run/mount/utab`.
 * @throws {Refusal} `failed`
 */
export async function readMountPoints(system: System): Promise<MountPoint[]> {
  const args = ["--mtab", ...findmntArgs(["MAJ:MIN"])];
  const stdout = await outputOf("findmnt", args, {
    system,
    maxOutputBytes: MAX_FINDMNT_BYTES,
  });
  try {
    return parseFindmnt(stdout);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    throw new Refusal("failed", { message: error.message });
  }
}

/** Identifies a device in the mount table. */
export interface DeviceKeys {
  readonly majMin: string | null;
  /** Its path, and those of the other members of its btrfs: the table may show any of them. */
  readonly paths: ReadonlySet<string>;
}

/** The mount points of a device. */
export function mountPointsOf(
  mounts: readonly MountPoint[],
  { majMin, paths }: DeviceKeys,
): MountPoint[] {
  return mounts.filter((mount) =>
    mount.majMin === majMin ||
    (mount.source !== null && paths.has(mount.source))
  );
}

/** The visible mount at a path: the last one there. */
export function seenAt(
  mounts: readonly MountPoint[],
  path: string,
): MountPoint | undefined {
  return mounts.findLast(({ target }) => target === path);
}

/** Option stored by mount(8) with diskd's mounts: `x-diskd=UUID`. The kernel does not see it. */
const MARK = "x-diskd";

/** The option that marks a mount as diskd's. */
export function markFor(uuid: string): string {
  return `${MARK}=${uuid}`;
}

/**
 * Whether diskd made it with mount(8). The folder counts too: helpers of
 * mount(8) may drop the mark.
 */
export function isMarked({ target, options }: MountPoint): boolean {
  return target.startsWith(`${OUR_FOLDER}/`) ||
    options.some(isMark);
}

/** Whether diskd made it for the disk with this UUID. Still true after the disk was pulled out. */
export function isMarkedFor({ options }: MountPoint, uuid: string): boolean {
  return options.includes(markFor(uuid));
}

/** The same, but helpers of mount(8) may have dropped the mark. */
export function isMarkedForNoneBut(mount: MountPoint, uuid: string): boolean {
  return isMarkedFor(mount, uuid) || !mount.options.some(isMark);
}

function isMark(option: string): boolean {
  return option.split("=")[0] === MARK;
}
