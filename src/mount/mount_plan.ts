import type { DiskRow } from "../control/views.ts";
import type { MountPoint } from "../probe/parse_findmnt.ts";
import type { System } from "../system/system.ts";
import type { Argv } from "../text/shell_quoted.ts";
import { markFor } from "./mount_points.ts";
import { isRoot, type LocalTools, LOOK_TIMEOUT_MS } from "./run_attended.ts";
import type { MountView, UnmountView } from "./views.ts";

/** A disk of this host that is to be mounted. */
export interface MountRequest {
  readonly row: DiskRow;
  /** The other devices here that one btrfs has beside `row`; mostly none. */
  readonly members: readonly DiskRow[];
  readonly readOnly: boolean;
  /** An absolute path to mount it at; `null`: wherever such disks are mounted. */
  readonly at: string | null;
  /** Whether udisks may ask for a password at the terminal. */
  readonly mayAsk: boolean;
}

/** A disk of this host that is to be unmounted. It may have been pulled out: `row.state` tells. */
export type UnmountRequest = Pick<
  MountRequest,
  "row" | "members" | "mayAsk"
>;

interface Plan {
  /** What `carryOut` does, in words of a shell not yet quoted; empty when nothing is to do. */
  readonly commands: readonly Argv[];
  /** What the user should know, a printable line each. */
  readonly notes: readonly string[];
}

/** How a disk is going to be mounted, or where it is already. */
export type MountPlan =
  | Plan & { readonly kind: "mounted"; readonly view: MountView }
  | Plan & MountSteps & { readonly kind: "toDo" };

/** What there is to do, and how to know that it was done. */
export interface MountSteps {
  readonly request: MountRequest;
  /** `udisks`: it makes its own directory. `bind`: what is mounted elsewhere is shown at another place too. */
  readonly means: "udisks" | "mount" | "bind";
  /** Directories to make, the outermost first. */
  readonly foldersToMake: readonly string[];
  readonly argv: Argv;
  /** Where it will be; `null`: udisks chooses. */
  readonly target: string | null;
}

/** How a disk is going to be unmounted, or that it is not mounted. */
export type UnmountPlan =
  | Plan & { readonly kind: "nothing"; readonly view: UnmountView }
  | Plan & {
    readonly kind: "toDo";
    readonly request: UnmountRequest;
    readonly steps: readonly UnmountStep[];
  };

export interface UnmountStep {
  readonly argv: Argv;
  /** The mount point that goes. */
  readonly path: string;
  /** Whether its directory is ours to remove. */
  readonly removesFolder: boolean;
}

/** What every disk is mounted with: whoever made it does not get to be root here. */
export const SAFE_OPTIONS: readonly string[] = ["nosuid", "nodev"];

interface MountOptions {
  readonly uuid: string;
  readonly readOnly: boolean;
}

/** A device by mount(8), at a directory that is there. `members` are the other devices of one btrfs. */
export function mountArgv(
  { device, type, target, members, ...options }: MountOptions & {
    readonly device: string;
    /** `null`: mount(8) finds out. */
    readonly type: string | null;
    readonly target: string;
    readonly members: readonly string[];
  },
): Argv {
  const all = [
    ...optionsOf(options),
    markFor(options.uuid),
    // Where udev does not run nobody told the kernel of them.
    ...members.filter(isOneOption).map((member) => `device=${member}`),
  ];
  return [
    "mount",
    ...(type === null ? [] : ["-t", type]),
    ...["-o", all.join(",")],
    ...["--source", device],
    ...["--target", target],
  ];
}

/** What is mounted at one directory shown at another, too. */
export function bindArgv(
  { from, target, ...options }: MountOptions & {
    readonly from: string;
    readonly target: string;
  },
): Argv {
  const all = ["bind", ...optionsOf(options), markFor(options.uuid)];
  return [
    "mount",
    ...["-o", all.join(",")],
    ...["--source", from],
    ...["--target", target],
  ];
}

/** A directory for `mountArgv`. */
export function makeFolderArgv(path: string): Argv {
  return ["mkdir", "--", path];
}

/** The path is of the table of mounts, so it has no symbolic links to follow; who owns a directory above must not be able to make one. */
export function unmountArgv(target: string): Argv {
  return ["umount", "--no-canonicalize", "--", target];
}

/** A device by udisks, which makes the directory. */
export function udisksMountArgv(
  { device, readOnly, mayAsk }: {
    readonly device: string;
    readonly readOnly: boolean;
    readonly mayAsk: boolean;
  },
): Argv {
  const options = readOnly ? [...SAFE_OPTIONS, "ro"] : SAFE_OPTIONS;
  return [
    ...["udisksctl", "mount"],
    ...["--block-device", device],
    ...["--options", options.join(",")],
    ...interaction(mayAsk),
  ];
}

/** The same device away again. */
export function udisksUnmountArgv(
  device: string,
  { mayAsk }: { readonly mayAsk: boolean },
): Argv {
  return [
    ...["udisksctl", "unmount"],
    ...["--block-device", device],
    ...interaction(mayAsk),
  ];
}

function interaction(mayAsk: boolean): string[] {
  return mayAsk ? [] : ["--no-user-interaction"];
}

function optionsOf({ readOnly }: MountOptions): string[] {
  return readOnly ? [...SAFE_OPTIONS, "ro"] : [...SAFE_OPTIONS];
}

/** mount(8) cuts its options at commas. */
function isOneOption(text: string): boolean {
  return !text.includes(",");
}

const MAX_INFO_BYTES = 64 * 1024;

/** Whether udisks answers, and would mount this device: it knows it to have a filesystem. */
export async function knowsUdisks(
  device: string,
  system: System,
): Promise<boolean> {
  const args = ["info", "--block-device", device];
  const outcome = await system.run("udisksctl", args, {
    timeoutMs: LOOK_TIMEOUT_MS,
    maxOutputBytes: MAX_INFO_BYTES,
  });
  if (outcome.kind !== "exited" || outcome.code !== 0) return false;
  const info = new TextDecoder().decode(outcome.stdout);
  return /^ *org\.freedesktop\.UDisks2\.Filesystem:$/m.test(info);
}

/** Whether it is where udisks mounts the disks of the user that we run as. */
export function isByUdisks(
  { target }: MountPoint,
  tools: Pick<LocalTools, "uid" | "env">,
): boolean {
  const user = isRoot(tools)
    ? "root"
    : tools.env["USER"] || tools.env["LOGNAME"];
  if (!user || user.includes("/")) return false;
  return ["/run/media", "/media"].some((folder) =>
    target.startsWith(`${folder}/${user}/`)
  );
}
