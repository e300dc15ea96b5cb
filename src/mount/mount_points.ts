import {
  isJsonObject,
  type JsonObject,
  printedList,
  ProbeError,
} from "../probe/printed_json.ts";
import type { System } from "../system/system.ts";
import { Refusal } from "./refusal.ts";
import { outputOf } from "./run_attended.ts";

/** Where disks are mounted that udisks does not mount. In memory, so that a start of the machine leaves nothing. */
export const OUR_FOLDER = "/run/media/diskd";

/** Output of findmnt beyond this is nonsense. */
const MAX_FINDMNT_BYTES = 8 * 1024 * 1024;

/** Where something is mounted. */
export interface MountPoint {
  readonly target: string;
  readonly source: string | null;
  /** The directory of it that is mounted; `/`: all of it. */
  readonly fsroot: string;
  /** Numbers of the device, `8:17`; of btrfs one that no device has. */
  readonly majMin: string;
  readonly options: readonly string[];
}

/**
 * What is mounted, as we see it, in the order of the mounts. `--mtab` also has
 * the options that mount(8) keeps for itself in `/run/mount/utab`.
 */
const FINDMNT_ARGS = [
  "--mtab",
  "-J",
  "-l",
  "-v",
  "-o",
  "TARGET,SOURCE,FSROOT,MAJ:MIN,OPTIONS",
];

/**
 * Asks findmnt(8) what is mounted.
 * @throws {Refusal} `failed`
 */
export async function readMountPoints(system: System): Promise<MountPoint[]> {
  const stdout = await outputOf("findmnt", FINDMNT_ARGS, {
    system,
    maxOutputBytes: MAX_FINDMNT_BYTES,
  });
  try {
    const rows = printedList(stdout, {
      program: "findmnt",
      key: "filesystems",
    });
    return rows.map(readRow);
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    throw new Refusal("failed", { message: error.message });
  }
}

function readRow(row: unknown): MountPoint {
  const fields = isJsonObject(row) ? row : {};
  const target = text(fields, "target");
  if (target === null) {
    throw new ProbeError({
      what: "findmnt",
      where: 'field "target"',
      found: String(fields["target"]),
      expected: "the path of a mount point",
    });
  }
  return {
    target,
    source: text(fields, "source"),
    fsroot: text(fields, "fsroot") ?? "/",
    majMin: text(fields, "maj:min") ?? "",
    options: (text(fields, "options") ?? "").split(","),
  };
}

function text(fields: JsonObject, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" ? value : null;
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

export function isReadOnly({ options }: MountPoint): boolean {
  return options.includes("ro");
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
