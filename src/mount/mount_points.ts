import { type MountPoint, parseMountPoints } from "../probe/parse_findmnt.ts";
import { findmntArgs, MAX_FINDMNT_BYTES } from "../probe/mounts.ts";
import { ProbeError } from "../probe/printed_json.ts";
import type { System } from "../system/system.ts";
import { Refusal } from "./refusal.ts";
import { outputOf } from "./run_attended.ts";

/** Where disks are mounted that udisks does not mount. In memory, so that a start of the machine leaves nothing. */
export const OUR_FOLDER = "/run/media/diskd";

/**
 * Asks findmnt(8) what is mounted, as we see it, in the order of the mounts.
 * `--mtab` also has the options that mount(8) keeps for itself in
 * `/run/mount/utab`.
 * @throws {Refusal} `failed`
 */
export async function readMountPoints(system: System): Promise<MountPoint[]> {
  const args = ["--mtab", ...findmntArgs(["FSROOT", "MAJ:MIN"])];
  const stdout = await outputOf("findmnt", args, {
    system,
    maxOutputBytes: MAX_FINDMNT_BYTES,
  });
  try {
    return parseMountPoints(stdout);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    throw new Refusal("failed", { message: error.message });
  }
}

/** What a device goes by in the table of mounts. */
export interface DeviceKeys {
  readonly majMin: string | null;
  /** Its path, and those of the other members of a btrfs, any of which the table may show. */
  readonly paths: ReadonlySet<string>;
}

/** Where a device is mounted. */
export function mountPointsOf(
  mounts: readonly MountPoint[],
  { majMin, paths }: DeviceKeys,
): MountPoint[] {
  return mounts.filter((mount) =>
    mount.majMin === majMin ||
    (mount.source !== null && paths.has(mount.source))
  );
}

/** The one that is seen at a path: the last that was mounted there. */
export function seenAt(
  mounts: readonly MountPoint[],
  path: string,
): MountPoint | undefined {
  return mounts.findLast(({ target }) => target === path);
}

/** What mount(8) keeps with the mounts that we make: `x-diskd=UUID`. The kernel does not get to see it. */
const MARK = "x-diskd";

/** The option that marks a mount as ours. */
export function markFor(uuid: string): string {
  return `${MARK}=${uuid}`;
}

/** Whether we made it with mount(8). The folder counts too: helpers of mount(8) may lose the mark. */
export function isMarked({ target, options }: MountPoint): boolean {
  return target.startsWith(`${OUR_FOLDER}/`) ||
    options.some(isMark);
}

/** Whether we made it for the disk of that UUID. It stays true when the disk is pulled out. */
export function isMarkedFor({ options }: MountPoint, uuid: string): boolean {
  return options.includes(markFor(uuid));
}

/** The same, but helpers of mount(8) may have lost the mark. */
export function isMarkedForNoneBut(mount: MountPoint, uuid: string): boolean {
  return isMarkedFor(mount, uuid) || !mount.options.some(isMark);
}

function isMark(option: string): boolean {
  return option.split("=")[0] === MARK;
}
